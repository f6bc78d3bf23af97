/** Every kind of command line: its translation and notes, and that coax accepts the answer. */
import { assert, assertEquals, assertMatch, assertThrows } from "@std/assert";
import { parseAddress } from "../../src/address/address.ts";
import { expandPorts } from "../../src/address/port_range.ts";
import { parseArguments } from "../../src/flags/arguments.ts";
import { isProxyKind } from "../../src/proxy/kind.ts";
import { grammarOf } from "../../src/commands/explain.ts";
import { loadCommands } from "../../src/commands/mod.ts";
import { UsageError } from "../../src/core/errors.ts";
import { answer, translate as translateBy } from "../../src/explain/mod.ts";
import { fillPlaceholders } from "../../src/explain/translation.ts";
import { splitWords } from "../../src/address/words.ts";

const commands = await loadCommands();

const grammar = grammarOf(commands);

const translate = (given: readonly string[]) => translateBy(given, grammar);

const lineOf = (text: string) => answer(translate([text]), (note) => [note]).split("\n")[0]!;

/** A command line, coax's answer, and a word of the note. */
const KNOWN: readonly (readonly [theirs: string, ours: string, said?: RegExp])[] = [
  ["nc -l 1234", "server :1234", /every interface/],
  ["nc -lk 1234", "server -k :1234", /one connection after the other/],
  ["nc -l -p 1234", "server :1234"],
  ["nc -lvp 1234", "server -v :1234"],
  ["nc -l 127.0.0.1 1234", "server 127.0.0.1:1234", /tells the peer/],
  ["nc -l -s 127.0.0.1 -p 1234", "server 127.0.0.1:1234"],
  ["nc -6 -l 1234", "server [::]:1234"],
  ["nc -4l 1234", "server 0.0.0.0:1234"],
  ["nc localhost 80", "client localhost:80", /only with -N/],
  ["/bin/nc ::1 80", "client [::1]:80"],
  ["nc -6 host 80", "client -6 host:80"],
  ["nc host 80 -C", "client --crlf host:80"],
  ["nc -d host 80", "client --recv-only host:80"],
  ["nc -N -w3 host 80", "client --connect-timeout 3s --idle-timeout 3s host:80", /status 0/],
  ["nc -q 1 host 80", "client --linger 1s host:80", /status 5/],
  ["nc -q -1 host 80", "client host:80", /anyway/],
  ["nc -u 10.0.0.1 53", "client udp://10.0.0.1:53", /no end/],
  ["nc -lu 5353", "server udp://:5353"],
  ["nc -U /tmp/s", "client unix:/tmp/s"],
  ["nc -uU /s", "client unixgram:/s"],
  ["socat - UNIX-SENDTO:/dev/log", "client unixgram:/dev/log", /no end/],
  ["socat UNIX-RECVFROM:/s,fork UDP:h:514", "relay unixgram:/s udp://h:514", /no end/],
  ["socat -u ABSTRACT-RECV:x -", "server --recv-only unixgram:@x", /no end/],
  ["nc -U @name", "client unix:@name"],
  ["nc -lU @name", "server unix:@name"],
  ["ncat -U @name", "client unix:./@name"],
  ["socat - ABSTRACT-CONNECT:x", "client unix:@x", /own end/],
  ["socat TCP-L:1 ABSTRACT-CONNECT:x", "relay --once :1 unix:@x", /own end/],
  ["socat ABSTRACT-LISTEN:x,fork TCP:h:1", "relay unix:@x h:1", /own end/],
  [
    "socat - UDP4-DATAGRAM:239.1.2.3:5000,ip-multicast-if=10.0.0.1",
    "client -4 --bind 10.0.0.1 udp://239.1.2.3:5000",
    /no end/,
  ],
  [
    "socat - UDP4-DATAGRAM:10.0.0.255:5000,broadcast",
    "client -4 --broadcast udp://10.0.0.255:5000",
    /no end/,
  ],
  [
    "socat -u UDP4-RECV:5000,ip-add-membership=239.1.2.3:eth0 -",
    "server --recv-only udp://239.1.2.3:5000",
    /every interface/,
  ],
  [
    "socat UDP6-RECVFROM:5000,ipv6-join-group=[ff02::7]:eth0,fork EXEC:cat",
    "relay udp://[ff02::7]:5000 exec:cat",
    /every interface/,
  ],
  ["socat - UNIX-CONNECT:@x", "client unix:./@x", /own end/],
  ["websocat -b abstract-l:x tcp:h:1", "relay unix:@x h:1"],
  ["nc -lkU /tmp/s", "server -k unix:/tmp/s", /0600/],
  ["nc -6 -l 1", "server [::]:1", /IPv4 peers as well/],
  ["nc -zw2 host 22", "wait --once --connect-timeout 2s host:22"],
  ["nc -X connect -x proxy:3128 host 22", "client --via http://proxy:3128 host:22"],
  ["nc -x proxy host 22", "client --via socks5://proxy:1080 host:22"],
  ["nc -X 4 -x proxy host 22", "client --via socks4a://proxy:1080 host:22", /SOCKS4A/],
  ["nc -s 10.0.0.1 -p 5000 host 22", "client --bind 10.0.0.1:5000 host:22"],
  ["nc -p 5000 host 22", "client --bind :5000 host:22"],
  ["nc -6 -s fe80::1 -z host 22", "wait --once -6 --bind fe80::1 host:22"],
  ["nc -U -s /x /tmp/s", "client unix:/tmp/s", /-s and -p/],
  ["nc -i 2 -T lowdelay host 80", "client host:80", /-T lowdelay .* no counterpart/],
  ["nc -lw 5 1234", "server :1234", /-w: nc ignores it/],
  ["nc -l -p 1234 -e /bin/cat", "relay --once :1234 exec:/bin/cat", /netcat-traditional/],
  ["nc.traditional -l -p 1 -c 'tr a b'", "relay --once :1 'sh:tr a b'"],
  ["nc.traditional -lk -p 1 -s 1.2.3.4", "server 1.2.3.4:1", /keepalive/],
  ["nc.traditional -l -p 1 1.2.3.4", "server --allow 1.2.3.4 :1", /only one that may connect/],
  ["ncat -l", "server :31337"],
  ["ncat -s 10.0.0.1 -p 5 host", "client --bind 10.0.0.1:5 host:31337"],
  ["ncat -l --proxy-type socks4 1080", "relay :1080 socks5:", /SOCKS proxy/],
  ["ncat -l --proxy-type http --proxy-auth u:p 8", "relay --auth u:p :8 http-proxy:", /to this/],
  ["ncat --proxy p --proxy-type socks4 h 25", "client --via socks4a://p:1080 h:25"],
  ["telnet -b 10.0.0.1 h", "client --bind 10.0.0.1 --crlf h:23", /CRLF/],
  ["ncat host", "client host:31337"],
  ["ncat -l 8080 -k -e /bin/cat", "relay :8080 exec:/bin/cat"],
  ["ncat -l 8080 -c 'date; cat'", "relay --once :8080 'sh:date; cat'"],
  ["ncat host 80 --exec '/bin/sh -i'", "relay 'exec:/bin/sh -i' host:80"],
  ["ncat -lk -m3 --allow 10.0.0.0/8 1", "server -k -m 3 --allow 10.0.0.0/8 :1", /CIDR/],
  ["ncat -l --denyfile f 1", "server --deny @f :1"],
  [
    "ncat --send-only -w 500ms -i 10 host 9",
    "client --connect-timeout 500ms --idle-timeout 10s --send-only host:9",
  ],
  [
    "ncat --proxy p --proxy-type socks5 --proxy-auth j:s h 25",
    "client --via socks5://j:s@p:1080 h:25",
  ],
  ["ncat --proxy [::1]:8 h 25", "client --via http://[::1]:8 h:25"],
  ["ncat -l --proxy-type http localhost 8888", "relay localhost:8888 http-proxy:"],
  ["ncat -l --proxy-type socks5 1080", "relay :1080 socks5:", /ncat itself refuses/],
  ["ncat --ssl h 443", "client --insecure tls://h:443", /trusts anybody/],
  ["ncat --ssl-verify h 443", "client tls://h:443"],
  ["ncat -l --ssl --ssl-cert c --ssl-key k 1", "server --cert c --key k tls://:1"],
  ["ncat -lk --ssl 8443", "server -k --self-signed tls://:8443"],
  ["ncat --chat -l 9000", "chat :9000", /name/],
  ["ncat -lk --broker 9000", "chat :9000", /bytes as they are/],
  ["socat - TCP:host:80", "client host:80", /half a second/],
  ["socat TCP4:host:80 STDIO", "client -4 host:80"],
  ["socat tcp-l:8080,fork,reuseaddr tcp:host:80", "relay :8080 host:80", /every interface/],
  ["socat TCP-LISTEN:80 TCP:h:81", "relay --once :80 h:81"],
  ["socat TCP4-LISTEN:80,bind=127.0.0.1 -", "server 127.0.0.1:80"],
  ["socat TCP6-LISTEN:80 -", "server [::]:80"],
  ["socat TCP-LISTEN:80,fork -", "server -k :80", /goes to one/],
  ["socat TCP-LISTEN:7,fork PIPE", "echo :7"],
  ["socat TCP-LISTEN:7 PIPE", "echo :7", /goes on/],
  [
    "socat UNIX-LISTEN:/s,fork,mode=660 TCP:[::1]:5432",
    "relay --socket-mode 0660 unix:/s [::1]:5432",
  ],
  ["socat TCP-L:9,fork EXEC:'cat -n'", "relay :9 'exec:cat -n'"],
  [
    "socat TCP-L:9,fork,range=10.0.0.0/8,max-children=5 SYSTEM:'\"date; cat\"'",
    "relay --allow 10.0.0.0/8 -m 5 :9 'sh:date; cat'",
  ],
  ["socat -u - UDP:127.0.0.1:514", "client --send-only udp://127.0.0.1:514"],
  ["socat -U - TCP:h:1", "client --recv-only h:1"],
  ["socat -u TCP:h:1 -", "client --recv-only h:1"],
  ["socat UDP-LISTEN:50,fork UDP:1.2.3.4:53", "relay udp://:50 udp://1.2.3.4:53"],
  [
    "socat OPENSSL-LISTEN:4,cert=s.pem,fork TCP:h:80",
    "relay --cert s.pem --key s.pem tls://:4 h:80",
    /unless verify=0/,
  ],
  ["socat - OPENSSL:h:443,cafile=ca.pem,verify=1", "client --ca ca.pem tls://h:443"],
  ["socat - SSL:h:443,verify=0", "client --insecure tls://h:443"],
  [
    "socat -T60 -d -d TCP-L:1,fork TCP:h:2,retry=3,interval=1",
    "relay --idle-timeout 60s -v --retry 3 --retry-delay 1s :1 h:2",
    /doubles/,
  ],
  ["socat - PROXY:p:h:22,proxyport=3128,proxyauth=u:p", "client --via http://u:p@p:3128 h:22"],
  ["socat - SOCKS5-CONNECT:p:1080:host:80", "client --via socks5://p:1080 host:80"],
  ["socat - socks5:p:host:80", "client --via socks5://p:1080 host:80"],
  ["socat - SOCKS4A:p:h:80,socksport=9,socksuser=me", "client --via socks4a://me@p:9 h:80"],
  ["socat TCP-L:1 SOCKS4:p:h:80", "relay --once --via socks4a://p:1080 :1 h:80", /SOCKS4A/],
  ["socat - TCP:h:80,bind=10.0.0.1:5000", "client --bind 10.0.0.1:5000 h:80"],
  ["socat - TCP:h:80,bind=10.0.0.1,sourceport=50", "client --bind 10.0.0.1:50 h:80"],
  ["socat - TCP:h:80,sp=50,bind=10.0.0.1", "client --bind 10.0.0.1:50 h:80"],
  ["socat - TCP:h:80,sp=50,keepalive,keepidle=10", "client --bind :50 --keepalive 10s h:80"],
  ["socat - TCP:h:80,keepalive=0", "client --keepalive off h:80"],
  ["socat TCP-L:1 UNIX:/s,bind=/c", "relay --once :1 unix:/s", /no path/],
  ["socat -u FILE:f TCP:h:1", "client --send-only h:1 < f"],
  ["socat -U TCP:h:1 OPEN:'a b',rdonly", "client --send-only h:1 < 'a b'"],
  ["socat -u TCP-LISTEN:9000 OPEN:out,creat", "server --recv-only :9000 > out", /without trunc/],
  ["socat -u UDP-RECV:514 CREATE:out", "server --recv-only udp://:514 > out"],
  ["socat -u TCP-L:9,fork OPEN:o,creat,append", "server -k --recv-only :9 >> o"],
  ["socat -u FILE:f TCP-L:9,fork", "relay :9 file+read:f"],
  [
    "socat - FILE:/dev/ttyS0,b115200,raw,echo=0",
    "client file:/dev/ttyS0",
    /stty -F \/dev\/ttyS0 115200/,
  ],
  ["socat TCP-L:9,fork GOPEN:/dev/ttyS0", "relay :9 file:/dev/ttyS0", /a device has no end/],
  ["socat TCP-L:9,fork OPEN:f", "relay :9 file:f", /coax appends/],
  ["socat OPEN:f,append TCP:h:1", "relay file:f h:1"],
  ["socat FILE:/dev/ttyS0,append PIPE", "relay file:/dev/ttyS0 exec:cat"],
  ["socat CREATE:f EXEC:cat", "relay file:f exec:cat", /never empties/],
  ["socat -t5 - UNIX-CONNECT:/s", "client --linger 5s unix:/s", /after 5s of silence/],
  ["socat EXEC:'sh -i',pty TCP:h:1", "relay 'exec:sh -i' h:1", /no terminal/],
  ["socat -x TCP-L:1,tos=3 TCP:h:1", "relay --once -x :1 h:1", /tos of TCP-L/],
  ["websocat ws://host/x", "client ws://host/x", /newline/],
  ["websocat -s 1234", "server -k ws://127.0.0.1:1234"],
  ["websocat -s 0.0.0.0:1", "server -k ws://0.0.0.0:1"],
  [
    "websocat --binary ws-l:127.0.0.1:80 tcp:127.0.0.1:5",
    "relay --binary ws://127.0.0.1:80 127.0.0.1:5",
  ],
  [
    "websocat -t ws-l:127.0.0.1:80 tcp:127.0.0.1:5",
    "relay --text --frame line ws://127.0.0.1:80 127.0.0.1:5",
  ],
  ["websocat -t ws-l:127.0.0.1:80 mirror:", "echo ws://127.0.0.1:80"],
  ["websocat -t ws-l:127.0.0.1:80 broadcast:mirror:", "chat ws://127.0.0.1:80", /sender too/],
  [
    "websocat -b --oneshot tcp-l:127.0.0.1:1 ws://h:2/",
    "relay --once --binary 127.0.0.1:1 ws://h:2/",
  ],
  [
    "websocat -k -H='X: y' --ping-interval 5 wss://h/",
    "client --insecure -H 'X: y' --ping 5s wss://h/",
  ],
  [
    "websocat -b ws-l:127.0.0.1:1 exec:ping --exec-args h -c 1",
    "relay --binary ws://127.0.0.1:1 'exec:ping h -c 1'",
  ],
  ["websocat -u - ws://h", "client --send-only ws://h"],
  ["socat TCP-L:1,retry=1 PIPE", "echo :1", /--retry 1 has no place in coax echo/],
  ["ncat -l 1 --broker --send-only", "chat :1", /--send-only has no place in coax chat/],
  ["ncat -l 1 -k -e x --max-conns 0", "relay :1 exec:x", /-m 0 .*at least 1/],
  ["ncat -l 1 -m 2", "server :1", /ignores it without -k/],
  ["ncat -6 -l", "server [::]:31337", /IPv4 peers as well/],
  ["socat TCP-L:1,range=127.0.0.1:255.255.255.255 PIPE", "echo --allow 127.0.0.1/32 :1"],
  ["socat TCP-L:1,range=10.0.0.0:255.0.0.0 PIPE", "echo --allow 10.0.0.0/8 :1"],
  ["socat TCP-L:1,range=10.0.0.0:255.0.255.0 PIPE", "echo :1", /no such range/],
  ["socat TCP-L:1,fork,max-children=4 EXEC:cat", "relay -m 4 :1 exec:cat", /lets peers wait/],
  ["socat -u - EXEC:cmd", "client exec:cmd"],
  ["socat -U EXEC:cmd -", "client exec:cmd"],
  ["socat -u EXEC:cmd -", "client exec:cmd"],
  ["socat -u FILE:f EXEC:'tr a b'", "client 'exec:tr a b' < f"],
  ["socat TCP-L:1,crlf EXEC:x", "relay --once :1 exec:x", /second address only/],
  ["socat TCP-L:1 TCP:h:2,crnl", "relay --once --crlf :1 h:2"],
  ["socat - TCP:h:1,crlf", "client --crlf h:1", /takes CR out/],
  ["socat -,ignoreeof TCP:h:1", "client h:1", /tail -f/],
  ["socat -!!- TCP:h:1", "client h:1"],
  ["socat STDIN!!STDOUT TCP:h:1", "client h:1"],
  ["socat -lu -lf FILE TCP-L:1 PIPE", "echo :1 2> FILE"],
  ["socat -u /var/log/x TCP:h:1", "client --send-only h:1 < /var/log/x"],
  ["socat -u TCP-L:1 ./out,append", "server --recv-only :1 >> ./out"],
  ["socat TCP-L:1,,fork PIPE", "echo :1"],
  ["ncat -l 80 --sh-exec 'ncat h 81'", "relay --once :80 h:81"],
  ["ncat -lk 80 -c 'ncat --ssl-verify h 443'", "relay :80 tls://h:443"],
  ["ncat -l 80 -e '/usr/bin/ncat --proxy p h 81'", "relay --once --via http://p:3128 :80 h:81"],
  ["socat TCP-L:1,fork EXEC:'nc h 2'", "relay :1 h:2"],
  ["ncat h 80 -c 'nc h2 81'", "relay 'exec:coax client h2:81' h:80"],
  ["ncat -l 80 -c 'ncat h 81 | tee x'", "relay --once :80 'sh:ncat h 81 | tee x'"],
  ["telnet h", "client --crlf h:23", /no Ctrl-\]/],
  ["telnet -4 h 25", "client -4 --crlf h:25"],
  [
    "wscat -c wss://h/x -H 'A:b' -s chat -n",
    "client -H 'A: b' --protocol chat --insecure wss://h/x",
  ],
  ["wscat -c h:1 --auth u:p", "client -H 'Authorization: Basic dTpw' ws://h:1"],
  ["wscat -c ws://h -x hi -w 3", "client --send hi --linger 3s ws://h", /3s after -x/],
  ["wscat -l 8080", "server -k ws://:8080", /lines go to all/],
  ["openssl s_client -connect h:443 -verify_return_error", "client tls://h:443"],
  [
    "openssl s_client -quiet -connect h:443 -servername n",
    "client --server-name n --insecure tls://h:443",
    /^(?![^]* Q or R)/,
  ],
  ["openssl s_client -connect h:443", "client --insecure tls://h:443", /begins with Q or R/],
  ["openssl s_client -crlf h", "client --insecure --crlf tls://h:4433", /any certificate/],
  ["curl telnet://h:25", "client h:25", /negotiation/],
  ["curl -k -x p:1 wss://h/x", "client --insecure --via http://p:1 wss://h/x"],
];

/** Command lines as web pages have them, with the shell around them, and the whole answer. */
const PASTED: typeof KNOWN = [
  ["nc -X 5 -x p:9050 %h %p", "coax client --via socks5://p:9050 %h:%p"],
  ["ProxyCommand nc -X connect -x p:1 %h %p", "ProxyCommand coax client --via http://p:1 %h:%p"],
  ["nc $HOST ${PORT}", 'coax client "$HOST:${PORT}"'],
  ["$ nc -lk 1234", "coax server -k :1234"],
  ["root@kali:~# nc -lvnp 4444", "coax server -v :4444"],
  ["sudo nc -l 8080", "coax server :8080", /no more rights/],
  ["sudo -E nc -l 80", "sudo -E coax server :80"],
  ["timeout 5 nc h 80 <<< 'x'", "timeout 5 coax client h:80 <<< 'x'"],
  ["nc -l -p 9000 > f 2>/dev/null &", "coax server :9000 > f 2>/dev/null &"],
  ["nc -l 9000 | tar xz", "coax server :9000 | tar xz"],
  ["printf 'a b\\r\\n' | nc h 80", "printf 'a b\\r\\n' | coax client h:80"],
  ["(echo a; sleep 1) | nc h 80 | tee x", "(echo a; sleep 1) | coax client h:80 | tee x"],
  ["nc -l 1 | nc h 2", "coax server :1 | coax client h:2"],
  [
    "nc -zv h 20-22",
    "coax wait --once h:20-22",
    /if all are/,
  ],
  [
    "nc -zw1 h 22 80-81",
    "coax wait --once --connect-timeout 1s h:22 h:80-81",
  ],
  ["while true; do nc -l 1234; done", "coax server -k :1234"],
  ["while true; do nc -l 1234 | tee -a log; done", "coax server -k :1234 | tee -a log"],
  ["while :; do nc -l -p 80 -c 'date'; done", "coax relay :80 sh:date"],
  [
    "while true; do { echo a; date; } | nc -l 80; done",
    "coax relay :80 'sh:{ echo a; date; }'",
    /of its own/,
  ],
  ["while true; do nc -l 80 < index.html; done", "coax relay :80 'sh:cat index.html'"],
  ["while true; do nc h 80; sleep 2; done", "while true; do coax client h:80; sleep 2; done"],
  [
    "while true; do echo a | nc -l 80 | tee x; done",
    "while true; do echo a | coax server :80 | tee x; done",
  ],
  ["nc -z ::1 22-20", "coax wait --once [::1]:20-22", /if all are/],
  ["until nc -zw1 db 5432; do sleep 1; done", "coax wait --connect-timeout 1s db:5432"],
  ["until nc -z db 5432; do sleep 1; done", "coax wait db:5432"],
  ["while ! nc -z db 5432; do echo .; sleep 1; done", "coax wait db:5432"],
  ["until nc -z db 5432; do sleep 1; done; ./run", "coax wait db:5432; ./run"],
  ["until nc -z db 5432; do sleep 1; done\n./run", "coax wait db:5432; ./run"],
  ["until nc -z db 5432; do sleep 1; done && ./run", "coax wait db:5432 && ./run"],
  ["until nc -z db 5432 | tee x; do sleep 1; done &", "coax wait db:5432 | tee x &"],
  ["while true; do nc -l 80; done; date", "coax server -k :80; date"],
  ["for p in 1 2; do nc -z h $p; done", 'for p in 1 2; do coax wait --once "h:$p"; done'],
];

const whole = KNOWN.map(([theirs, ours, noteText]) => [theirs, `coax ${ours}`, noteText] as const);

for (const [theirs, ours, noteText] of [...whole, ...PASTED]) {
  Deno.test(`explain ${theirs}`, () => {
    assertEquals(lineOf(theirs), ours);
    if (noteText) assertMatch(translate([theirs]).notes.join("\n"), noteText);
    assertTaken(translate([theirs]).words!);
  });
}

/** Checks that coax's own parser accepts it, as far as its files exist. */
function assertTaken([name, ...words]: readonly string[]): void {
  const command = commands.find((known) => known.name === name)!;
  try {
    const { operands } = parseArguments(command, words.map(fillPlaceholders));
    const addresses = name === "wait" ? operands.flatMap(expandPorts) : operands;
    addresses.filter((word) => !isProxyKind(word)).forEach((word) => parseAddress(word));
  } catch (error) {
    if (!/: can't be read: no such file/.test((error as Error).message)) throw error;
  }
}

for (
  const [line, why] of [
    ["nc host 20-30", /one port of one host/],
    ["curl https://h/", /speaks HTTP/],
    ["nc -N -w1 @FILE 80", /coax refuses what comes nearest/],
    ["ncat --sctp h 9", /SCTP/],
    ["ncat --ssl -u h 9", /DTLS/],
    ["socat -u FILE:f -", /cat does/],
    ["socat -u FILE:f OPEN:g,creat", /cat does/],
    ["socat TCP:a:1 TCP:b:2", /never dials both/],
    ["socat TCP-L:1 TCP-L:2", /one end of a relay only/],
    ["socat PTY,link=/x TCP:h:1", /nothing like PTY/],
    ["socat STDIN!!TCP:h:2 TCP:h:1", /two halves/],
    ["websocat ws-l:127.0.0.1:80 readfile:x", /readfile/],
  ] as const
) {
  Deno.test(`explain says that coax has no command for ${line}`, () => {
    assertEquals(lineOf(line), "coax has no command for this.");
    assertMatch(translate([line]).notes.join("\n"), why);
  });
}

for (
  const [line, message] of [
    ["", /"": expected nc, ncat, socat, websocat, wscat, telnet, openssl or curl/],
    ["ssh h", /"ssh": expected nc/],
    ["openssl s_server -accept 1", /expected openssl s_client/],
    ["nc 'x", /expected the quotes to be closed/],
    ["nc h 80; nc h 81", /";": expected one command line/],
    ["nc h 80 && date", /"&&": expected one command line/],
    ["ls | cat", /"cat": expected nc/],
    ["while true; do nc -l 1", /expected a whole loop/],
    ["until nc h 1; do sleep 1; done", /only tries a port/],
    ["nc h 80 >", /expected a file after it/],
    ["wscat", /expected -c URL or -l PORT/],
    ["curl telnet://a telnet://b", /expected one URL/],
    ["nc -Q h 1", /-Q: no option of nc/],
    ["nc.openbsd -e sh h 1", /-e: no option of nc/],
    ["nc -k h 1", /-k: nc takes it only with -l/],
    ["nc -lz 1", /-z: nc doesn't take it with -l/],
    ["nc -l -p 1 127.0.0.1", /-p: nc takes no address beside it/],
    ["nc -w", /-w: nc expects a value/],
    ["nc -w x h 1", /-w x: expected a number of seconds/],
    ["nc h", /nc: expected a port/],
    ["nc h nosuch", /expected a port number, or the name of a service/],
    ["nc h 65536", /"65536": expected a port number/],
    ["ncat --nope h", /--nope: no option of ncat/],
    ["ncat --ssl=1 h", /--ssl: takes no value/],
    ["ncat --chat h", /--chat: ncat takes it only with -l/],
    ["ncat -l --proxy-type nope 1", /--proxy-type nope: ncat knows/],
    ["socat -", /expected two addresses/],
    ["socat - TCP:h", /as many parts as socat does/],
    ["socat - a.b", /expected a socat address/],
    ["websocat -s", /one port after it/],
    ["websocat a b c", /one address or two/],
    ["websocat host", /"host": expected a websocat address/],
  ] as const
) {
  Deno.test(`explain refuses ${JSON.stringify(line)}`, () => {
    assertMatch(assertThrows(() => translate([line]), UsageError).message, message);
  });
}

Deno.test("several words mean what one text does", () => {
  for (const [theirs] of KNOWN) {
    assertEquals(translate(splitWords(theirs)!), translate([theirs]), theirs);
  }
});

Deno.test("a command line in the answer is one that a shell takes apart again", () => {
  const words = ["-c", "it's; a $HOME"];
  const line = lineOf(`ncat -l 1 -c "it's; a \\$HOME"`);
  assertEquals(splitWords(line)!.at(-1), `sh:${words[1]}`);
});

Deno.test("random words are translated or refused, and never break it", () => {
  const words = KNOWN.flatMap(([theirs]) => splitWords(theirs)!);
  let seed = 7;
  const next = () => words[(seed = (seed * 1103515245 + 12345) % 2 ** 31) % words.length]!;
  for (let i = 0; i < 5000; i++) {
    const tool = ["nc", "nc.traditional", "ncat", "socat", "websocat"][i % 5]!;
    const given = [tool, ...Array.from({ length: i % 7 }, next)];
    try {
      const { words, notes } = translate(given);
      assert(words || notes.length > 0, given.join(" "));
      if (words) assertTaken(words);
    } catch (error) {
      assert(error instanceof UsageError, `${given.join(" ")}: ${error}`);
    }
  }
});

Deno.test("random pieces of shell are translated or refused, and never break it", () => {
  const pieces = PASTED.flatMap(([theirs]) => theirs.match(/\w+|\s+|[^\w\s]/g)!);
  let seed = 11;
  const next = () => pieces[(seed = (seed * 1103515245 + 12345) % 2 ** 31) % pieces.length]!;
  for (let i = 0; i < 5000; i++) {
    const line = Array.from({ length: 1 + i % 12 }, next).join("") + " nc h 80";
    try {
      const { words, notes } = translate([line]);
      assert(words || notes.length > 0, line);
    } catch (error) {
      assert(error instanceof UsageError, `${line}: ${error}`);
    }
  }
});

import { assert, assertEquals } from "@std/assert";
import { maskSecrets } from "../../src/core/secrets.ts";

const MASKED = {
  "GET /x?token=s3cret HTTP/1.1": "GET /x?token=*** HTTP/1.1",
  "connect ws://h:9/x?a=1&token=s3cret&b=2: refused":
    "connect ws://h:9/x?a=1&token=***&b=2: refused",
  "connect ws://h:9/x?token=s3:cret: refused": "connect ws://h:9/x?token=***: refused",
  '"ws://h/?token=s3cret": expected': '"ws://h/?token=***": expected',
  "ws://h/?token=s3cret (refused), next": "ws://h/?token=*** (refused), next",
  "ws://h/?access_token=a&refresh_token=b&id-token=c":
    "ws://h/?access_token=***&refresh_token=***&id-token=***",
  "/?key=a&api_key=b&apikey=c&apiKey=d&x-api-key=e":
    "/?key=***&api_key=***&apikey=***&apiKey=***&x-api-key=***",
  "/?secret=a&client_secret=b&clientSecret=c": "/?secret=***&client_secret=***&clientSecret=***",
  "/?password=a&passwd=b&pwd=c&user_password=d":
    "/?password=***&passwd=***&pwd=***&user_password=***",
  "/?auth=a&signature=b&sig=c&X-Amz-Signature=d":
    "/?auth=***&signature=***&sig=***&X-Amz-Signature=***",
  "/?X-Amz-Credential=a&jwt=b&TOKEN=c": "/?X-Amz-Credential=***&jwt=***&TOKEN=***",
  "ws://user:pa55@h:9/": "ws://***@h:9/",
  "/?a=1;token=x;b=2": "/?a=1;token=***;b=2",
  "/?pass=x&userPass=y&db_pass=z": "/?pass=***&userPass=***&db_pass=***",
  "connect ws://h/?token=abc'x: refused": "connect ws://h/?token=***: refused",
  "/?token=abc;def": "/?token=***",
  "/?%74oken=x&t%6Fken=y": "/?%74oken=***&t%6Fken=***",
  "/x;session=a?b=c": "/x;session=***",
  "/?sessionid=a&sid=b&passphrase=c&Authorization=d":
    "/?sessionid=***&sid=***&passphrase=***&Authorization=***",
  "connect ws://u:a/b@h: refused": "connect ws://***@h: refused",
  "ws://u:a:b%40c@d@h/x": "ws://***@h/x",
  "ws://u:a/b@h:9/?x=1 and ws://h:9/a@b": "ws://***@h:9/?x=1 and ws://h:9/a@b",
  "--header Authorization: Basic dTpw": "--header Authorization: ***",
  "-H 'Cookie: a=b; c=d'": "-H 'Cookie: ***",
  "ws://u:a?x@h/": "ws://***@h/",
  "/#token=x&PHPSESSID=a&mypass=b&bearer=c": "/#token=***&PHPSESSID=***&mypass=***&bearer=***",
  'Authorization: Digest username="u", response="x"': "Authorization: ***",
  "X-Token: a": "X-Token: ***",
  "X-Api-Key: 123": "X-Api-Key: ***",
  "nats://tok3n@h": "nats://***@h",
  "nats://to/k?3n@h": "nats://***@h",
  "ws://u:a[b]c@h/": "ws://***@h/",
  '"ws://u:a b@h": expected': '"ws://***@h": expected',
  '"ws://h/?token=a b": expected': '"ws://h/?token=***": expected',
  "connect ws://h/?code=a%26b&auth_code=c: refused":
    "connect ws://h/?code=***&auth_code=***: refused",
  "/?token[]=a&user[password]=b": "/?token[]=***&user[password]=***",
  "/?next=http%3A%2F%2Fh%2F%3Ftoken%3Da%26b%3Dc": "/?next=http%3A%2F%2Fh%2F%3Ftoken%3D***%26b%3Dc",
  "X-Auth: a": "X-Auth: ***",
  "--header Authorization Bearer a: expected": "--header Authorization Bearer ***: expected",
  "connect tcp://u:p@55@h:1: refused": "connect tcp://***@h:1: refused",
};

Deno.test("maskSecrets() hides the secrets of query keys and logins, and nothing around them", () => {
  for (const [text, masked] of Object.entries(MASKED)) {
    assertEquals(maskSecrets(text), masked);
    assertEquals(maskSecrets(masked), masked, "masked twice");
  }
});

Deno.test("maskSecrets() leaves everything else", () => {
  for (
    const text of [
      "ws://h/?compass=n&bypass=1&zip-code=2",
      "ws://h/?monkey=a&author=b&design=c&keys=d&tokens",
      "/?a=token=b",
      "token=a key: b",
      "expected nats://[USER:PASSWORD@]HOST[:PORT]",
      "expected socks5://[user:password@]host:port, http://[user:password@]host:port or " +
      "socks4a://[user@]host:port",
      "ws://h/?mail=a@b",
      "https://h/a@b",
      "listening on unix:/tmp/a@b",
      "/?token=&x",
      "a user can't stand in an address; use -H 'Authorization: Basic …'",
    ]
  ) assertEquals(maskSecrets(text), text);
});

/** Positions of a secret, and the text expected around it. */
const PLACES: ((secret: string) => string)[] = [
  ...["token", "pass", "password", "pwd", "secret", "key", "apikey", "api_key", "auth", "sig"],
  ...["signature", "access_token", "session", "code", "%74oken", "Access-Token"],
].flatMap((name) => [
  (secret) => `connect ws://h:9/x?${name}=${secret}: refused`,
  (secret) => `connect ws://h:9/x?a=1;${name}=${secret}&b=2: refused`,
  (secret) => `"ws://h/x?a=1&${name}=${secret}": expected`,
  (secret) => `GET /x;${name}=${secret};b=2 HTTP/1.1`,
]);
const LOGINS: typeof PLACES = [
  (secret) => `connect ws://u:${secret}@h:9/x: refused`,
  (secret) => `"socks5://${secret}@h": expected`,
  (secret) => `"http://:${secret}@h:1": expected`,
  (secret) => `connected to the bus nats://${secret}@h, as a client`,
];
const FIELDS: typeof PLACES = ["Authorization", "Cookie", "Proxy-Authorization", "X-Api-Key"]
  .flatMap((name) => [(secret) => `sent ${name}: ${secret}`, (secret) => `"${name}: a ${secret}"`]);

Deno.test("no secret shows, in any position and of any characters", () => {
  const words = ["'", '"', ":", "%26", "%2F", "%", ".", ",", ")", "=", "!", "$", "~", "+", "ä"];
  const spice: [typeof PLACES, string[]][] = [
    [PLACES, [...words, ";", "/", "?", "@"]],
    [LOGINS, [...words, ";", "/", "?", "@", "#", "[", "]", "&"]],
    [FIELDS, [...words, ";", "/", "?", "@", "#", "[", "]", "&", " "]],
  ];
  for (const [places, characters] of spice) {
    for (const place of places) {
      for (const a of characters) {
        for (const b of characters) {
          if (a === ";" && b === "=") continue; // These would begin another parameter.
          const text = place(`Hid${a}Hid${b}Hid`);
          const masked = maskSecrets(text);
          assert(!masked.includes("Hid") && masked.includes("***"), `${text} is ${masked}`);
        }
      }
    }
  }
});

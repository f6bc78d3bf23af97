/**
 * What RFC 6455 requires of a receiver of frames, byte by byte: `[name, frames, received, sent]`.
 * Frames are written as a server sends them, `|` between them; for our side as a server they are
 * masked. A peer without more frames sends EOF: `gone`, unless the channel closed before.
 */

/** Bytes of a message that the cases are run with. */
export const MAX_MESSAGE = 70_000;

export type Case = readonly [
  name: string,
  frames: string,
  received: readonly string[],
  sent?: readonly string[],
];

const GONE = ["gone"];
const broken = (code: number): [readonly string[], readonly string[]] => [
  [`broken ${code}`],
  [`close ${code}`],
];

const lengths: Case[] = [
  ["an empty text", "81 00", ['text ""', "gone"]],
  ["an empty binary", "82 00", ["binary ", "gone"]],
  ["one byte", "82 01 ff", ["binary ff", "gone"]],
  ["Hello (RFC 6455 §5.7)", '81 05 "Hello"', ['text "Hello"', "gone"]],
  ["125 bytes", "81 7d 61*125", ["text 125×61", "gone"]],
  ["126 bytes", "81 7e 007e 61*126", ["text 126×61", "gone"]],
  ["127 bytes", "81 7e 007f 61*127", ["text 127×61", "gone"]],
  ["128 bytes", "82 7e 0080 80*128", ["binary 128×80", "gone"]],
  ["256 bytes (§5.7)", "82 7e 0100 fe*256", ["binary 256×fe", "gone"]],
  ["65535 bytes", "82 7e ffff 01*65535", ["binary 65535×01", "gone"]],
  ["65536 bytes (§5.7)", "82 7f 0000000000010000 01*65536", ["binary 65536×01", "gone"]],
  ["two messages at once", "81 01 61|82 01 62", ['text "a"', "binary 62", "gone"]],
  [
    "many messages at once",
    Array(40).fill("82 01 00").join("|"),
    [...Array(40).fill("binary 00"), "gone"],
  ],
  ["0 bytes in 16 bits", "82 7e 0000", ...broken(1002)],
  ["1 byte in 16 bits", "82 7e 0001 00", ...broken(1002)],
  ["125 bytes in 16 bits", "82 7e 007d 00*125", ...broken(1002)],
  ["0 bytes in 64 bits", "82 7f 0000000000000000", ...broken(1002)],
  ["125 bytes in 64 bits", "82 7f 000000000000007d 00*125", ...broken(1002)],
  ["126 bytes in 64 bits", "82 7f 000000000000007e 00*126", ...broken(1002)],
  ["65535 bytes in 64 bits", "82 7f 000000000000ffff", ...broken(1002)],
  ["a length with its highest bit", "82 7f 8000000000000000", ...broken(1002)],
  ["all bits of a length", "82 7f ffffffffffffffff", ...broken(1002)],
  ["2^53 bytes", "82 7f 0020000000000000", ...broken(1009)],
  ["2^62 bytes", "82 7f 4000000000000000", ...broken(1009)],
  ["2^32 bytes", "82 7f 0000000100000000", ...broken(1009)],
  ["the limit", "82 7f 0000000000011170 00*70000", ["binary 70000×00", "gone"]],
  ["a byte over the limit", "82 7f 0000000000011171", ...broken(1009)],
  [
    "the limit in two fragments",
    "02 7e 88b8 00*35000|80 7e 88b8 00*35000",
    ["binary 70000×00", "gone"],
  ],
  ["fragments over the limit", "02 7e 88b8 00*35000|80 7e 88b9", ...broken(1009)],
  ["fragments over the limit before the last", "02 7e ffff 00*65535|00 7e 1172", ...broken(1009)],
  [
    "the limit counts for each message",
    "82 7e ffff 00*65535|82 7e ffff 00*65535",
    ["binary 65535×00", "binary 65535×00", "gone"],
  ],
  ["a message before one that is too long", "82 01 07|82 7f 0000000000011171", [
    "binary 07",
    "broken 1009",
  ], ["close 1009"]],
];

const cut: Case[] = [
  ["nothing", "", GONE],
  ["half a header", "81", GONE],
  ["a header without its length", "81 7e 00", GONE],
  ["a header without its payload", "81 05", GONE],
  ["half a payload", '81 05 "Hel"', GONE],
  ["a message and half a header", "81 01 61|81", ['text "a"', "gone"]],
  ["a message without its last fragment", "01 01 61", GONE],
  ["a long payload that ends early", "82 7e ffff 00*65534", GONE],
];

const reserved: Case[] = [
  ...["c1", "a1", "91", "f1", "c2", "a2", "92", "b2"].map((first): Case => [
    `reserved bits of a message: ${first}`,
    `${first} 01 61`,
    ...broken(1002),
  ]),
  ...["c8", "a8", "98", "c9", "a9", "99", "ca", "aa", "9a", "f9"].map((first): Case => [
    `reserved bits of a control frame: ${first}`,
    `${first} 00`,
    ...broken(1002),
  ]),
  ...["c0", "a0", "90"].map((first): Case => [
    `reserved bits of a continuation: ${first}`,
    `01 01 61|${first} 01 62`,
    ...broken(1002),
  ]),
  ...["83", "84", "85", "86", "87", "8b", "8c", "8d", "8e", "8f"].flatMap((first): Case[] => [
    [`reserved opcode: ${first}`, `${first} 00`, ...broken(1002)],
    [`reserved opcode with a payload: ${first}`, `${first} 01 61`, ...broken(1002)],
  ]),
  ...["03", "07", "0b", "0f"].map((first): Case => [
    `reserved opcode that isn't final: ${first}`,
    `${first} 00`,
    ...broken(1002),
  ]),
  ["a reserved opcode between fragments", "01 01 61|83 00", ...broken(1002)],
  ["a reserved bit behind a message", "81 01 61|c1 01 62", ['text "a"', "broken 1002"], [
    "close 1002",
  ]],
];

const fragments: Case[] = [
  ["text in two fragments (§5.7)", '01 03 "Hel"|80 02 "lo"', ['text "Hello"', "gone"]],
  ["text in three fragments", '01 01 "a"|00 01 "b"|80 01 "c"', ['text "abc"', "gone"]],
  ["binary in two fragments", "02 01 01|80 01 02", ["binary 0102", "gone"]],
  ["an empty first fragment", '01 00|80 01 "a"', ['text "a"', "gone"]],
  ["an empty last fragment", '01 01 "a"|80 00', ['text "a"', "gone"]],
  ["an empty fragment in between", '01 01 "a"|00 00|80 01 "b"', ['text "ab"', "gone"]],
  ["only empty fragments", "01 00|00 00|80 00", ['text ""', "gone"]],
  [
    "a hundred fragments",
    ["02 01 aa", ...Array(98).fill("00 01 aa"), "80 01 aa"].join("|"),
    ["binary 100×aa", "gone"],
  ],
  [
    "two fragmented messages",
    "01 01 61|80 01 62|02 01 01|80 01 02",
    ['text "ab"', "binary 0102", "gone"],
  ],
  ["a ping between fragments", '01 01 "a"|89 01 "p"|80 01 "b"', ['text "ab"', "gone"], [
    'pong "p"',
  ]],
  ["a pong between fragments", '01 01 "a"|8a 01 "p"|80 01 "b"', ['text "ab"', "gone"]],
  [
    "pings between all fragments",
    '89 00|01 01 "a"|89 01 "1"|00 01 "b"|89 01 "2"|80 01 "c"',
    ['text "abc"', "gone"],
    ['pong ""', 'pong "1"', 'pong "2"'],
  ],
  ["a Close between fragments", '01 01 "a"|88 02 03e8', ["unfinished"], ["close 1000"]],
  ["a continuation of nothing", "80 01 61", ...broken(1002)],
  ["an empty continuation of nothing", "80 00", ...broken(1002)],
  ["a continuation of nothing that goes on", "00 01 61", ...broken(1002)],
  ["a continuation behind a whole message", "81 01 61|80 01 62", ['text "a"', "broken 1002"], [
    "close 1002",
  ]],
  ["a continuation behind the last fragment", "01 00|80 00|80 00", ['text ""', "broken 1002"], [
    "close 1002",
  ]],
  ["text inside a message", "01 01 61|81 01 62", ...broken(1002)],
  ["binary inside a message", "01 01 61|82 01 62", ...broken(1002)],
  ["another first fragment inside a message", "01 01 61|01 01 62", ...broken(1002)],
  ["another type inside a message", "02 01 61|01 01 62", ...broken(1002)],
];

const control: Case[] = [
  ["an empty ping", "89 00", GONE, ['pong ""']],
  ["a ping with a payload (§5.7)", '89 05 "Hello"', GONE, ['pong "Hello"']],
  ["a ping of 125 bytes", "89 7d 62*125", GONE, ["pong 125×62"]],
  ["a ping that is no text", "89 02 fffe", GONE, ["pong fffe"]],
  ["an empty pong that nobody asked for", "8a 00", GONE],
  ["a pong of 125 bytes", "8a 7d 62*125", GONE],
  ["a message behind a pong", '8a 00|81 01 "a"', ['text "a"', "gone"]],
  ["a ping and a message", '89 01 "p"|81 01 "a"', ['text "a"', "gone"], ['pong "p"']],
  ["a ping of 126 bytes", "89 7e 007e 00*126", ...broken(1002)],
  ["a pong of 126 bytes", "8a 7e 007e 00*126", ...broken(1002)],
  ["a Close of 126 bytes", "88 7e 007e 03e8 61*124", ...broken(1002)],
  ["a ping with a long length", "89 7f 0000000000010000", ...broken(1002)],
  ["a ping in fragments", "09 00", ...broken(1002)],
  ["a pong in fragments", "0a 00", ...broken(1002)],
  ["a Close in fragments", "08 02 03e8", ...broken(1002)],
  ["a ping in fragments inside a message", "01 01 61|09 00", ...broken(1002)],
  ["a continuation of a ping", "89 00|80 00", ["broken 1002"], ['pong ""', "close 1002"]],
];

/** Codes that a peer may close with without an error. */
const CLEAN = [1000, 1001];
const ABNORMAL = [
  1002,
  1003,
  1007,
  1008,
  1009,
  1010,
  1011,
  1012,
  1013,
  1014,
  3000,
  3999,
  4000,
  4999,
];
const FORBIDDEN = [
  0,
  1,
  999,
  1004,
  1005,
  1006,
  1015,
  1016,
  1100,
  2000,
  2999,
  5000,
  65_535,
];
const hex16 = (code: number) => code.toString(16).padStart(4, "0");

const closes: Case[] = [
  ["a Close without a code", "88 00", ["closed 1005"], ["close"]],
  ["a Close of one byte", "88 01 03", ...broken(1002)],
  ...CLEAN.map((code): Case => [
    `code ${code}`,
    `88 02 ${hex16(code)}`,
    [`closed ${code}`],
    [`close ${code}`],
  ]),
  ...ABNORMAL.map((code): Case => [
    `code ${code}`,
    `88 02 ${hex16(code)}`,
    [`abnormal ${code}`],
    [`close ${code}`],
  ]),
  ...FORBIDDEN.map((code): Case => [
    `code ${code}, which no Close may have`,
    `88 02 ${hex16(code)}`,
    ...broken(1002),
  ]),
  ["a reason", '88 05 03e8 "bye"', ["closed 1000"], ['close 1000 "bye"']],
  ["an abnormal reason", '88 06 0fa1 "busy"', ['abnormal 4001 "busy"'], ['close 4001 "busy"']],
  ["a reason of 123 bytes", "88 7d 03e8 61*123", ["closed 1000"], [
    `close 1000 "${"a".repeat(123)}"`,
  ]],
  ["a reason that is no UTF-8", "88 04 03e8 c328", ...broken(1007)],
  ["a reason cut inside a code point", "88 04 03e8 e282", ...broken(1007)],
  ["a message before a Close is received", "81 01 61|88 02 03e8", ['text "a"', "closed 1000"], [
    "close 1000",
  ]],
  ["a message before an abnormal Close is received", "81 01 61|88 02 03f3", [
    'text "a"',
    "abnormal 1011",
  ], ["close 1011"]],
  ["frames behind a Close are dropped", "88 02 03e8|81 01 61|89 00", ["closed 1000"], [
    "close 1000",
  ]],
  ["garbage behind a Close is dropped", "88 02 03e8|ff 00", ["closed 1000"], ["close 1000"]],
  ["the first Close counts", "88 02 03e8|88 02 03f3", ["closed 1000"], ["close 1000"]],
];

const text = (name: string, payload: string, shown: string): Case => [
  `UTF-8: ${name}`,
  `81 ${payload}`,
  [`text ${JSON.stringify(shown)}`, "gone"],
];
const bad = (name: string, payload: string): Case => [
  `bad UTF-8: ${name}`,
  `81 ${payload}`,
  ...broken(1007),
];

const utf8: Case[] = [
  text("two bytes", "02 c3a4", "ä"),
  text("three bytes", "03 e282ac", "€"),
  text("four bytes", "04 f09f9880", "😀"),
  text("NUL", "01 00", "\0"),
  text("the first of two bytes", "02 c280", "\u0080"),
  text("the last of two bytes", "02 dfbf", "\u07ff"),
  text("the first of three bytes", "03 e0a080", "\u0800"),
  text("the last before the surrogates", "03 ed9fbf", "\ud7ff"),
  text("the first after the surrogates", "03 ee8080", "\ue000"),
  text("a noncharacter", "03 efbfbf", "\uffff"),
  text("a byte order mark", "03 efbbbf", "\ufeff"),
  text("the last code point", "04 f48fbfbf", "\u{10ffff}"),
  ["UTF-8 split inside a code point", "01 01 e2|00 01 82|80 01 ac", ['text "€"', "gone"]],
  ["UTF-8 split inside four bytes", "01 02 f09f|80 02 9880", ['text "😀"', "gone"]],
  [
    "UTF-8 split around a ping",
    "01 01 c3|89 01 c3|80 01 a4",
    ['text "ä"', "gone"],
    ["pong c3"],
  ],
  bad("a continuation alone", "01 80"),
  bad("a continuation behind ASCII", "02 61bf"),
  bad("a start alone", "01 c3"),
  bad("a start and ASCII", "02 c328"),
  bad("three bytes cut", "02 e282"),
  bad("four bytes cut", "03 f09f98"),
  bad("overlong slash in two bytes", "02 c0af"),
  bad("overlong in two bytes", "02 c1bf"),
  bad("overlong in three bytes", "03 e08080"),
  bad("overlong in four bytes", "04 f0808080"),
  bad("the first surrogate", "03 eda080"),
  bad("the last surrogate", "03 edbfbf"),
  bad("a pair of surrogates", "06 eda0bdedb880"),
  bad("over the last code point", "04 f4908080"),
  bad("five bytes", "05 f888808080"),
  bad("fe", "01 fe"),
  bad("ff", "01 ff"),
  bad("at the end of a long text", "7e 0100 61*255 ff"),
  bad("in the middle of a long text", "7e 0100 61*100 c0 61*155"),
  ["bad UTF-8: in the first fragment", "01 01 ff|80 01 61", ...broken(1007)],
  ["bad UTF-8: in the last fragment", "01 01 61|80 01 ff", ...broken(1007)],
  ["bad UTF-8: cut by the last fragment", "01 01 61|80 01 c3", ...broken(1007)],
  ["bad UTF-8: across fragments", "01 01 c3|80 01 28", ...broken(1007)],
  ["binary needs no UTF-8", "82 02 c328", ["binary c328", "gone"]],
  ["bad UTF-8 behind a message", "81 01 61|81 01 ff", ['text "a"', "broken 1007"], ["close 1007"]],
];

/** Cases of either side. */
export const cases: readonly Case[] = [
  ...lengths,
  ...cut,
  ...reserved,
  ...fragments,
  ...control,
  ...closes,
  ...utf8,
];

/** Frames as they are on the wire, for our side as a server (RFC 6455 §5.1, §5.3). */
export const serverCases: readonly Case[] = [
  ["a masked Hello (§5.7)", "81 85 37fa213d 7f9f4d5158", ['text "Hello"', "gone"]],
  ["a masked ping (§5.7)", "89 85 37fa213d 7f9f4d5158", GONE, ['pong "Hello"']],
  ["a key of zeros", '81 81 00000000 "a"', ['text "a"', "gone"]],
  ["an empty masked text", "81 80 37fa213d", ['text ""', "gone"]],
  ["another key for each frame", "01 81 01020304 60|80 81 ffffffff 9d", ['text "ab"', "gone"]],
  ["a text without a mask", "81 01 61", ...broken(1002)],
  ["an empty text without a mask", "81 00", ...broken(1002)],
  ["a ping without a mask", "89 00", ...broken(1002)],
  ["a Close without a mask", "88 02 03e8", ...broken(1002)],
  ["a long message without a mask", "82 7e 0100 00*256", ...broken(1002)],
  ["a continuation without a mask", "01 81 00000000 61|80 01 62", ...broken(1002)],
  ["half a mask", "81 85 37fa", GONE],
];

/** The same for our side as a client. */
export const clientCases: readonly Case[] = [
  ["a masked text", "81 85 37fa213d 7f9f4d5158", ...broken(1002)],
  ["a text masked with zeros", "81 81 00000000 61", ...broken(1002)],
  ["an empty masked text", "81 80 37fa213d", ...broken(1002)],
  ["a masked ping", "89 80 37fa213d", ...broken(1002)],
  ["a masked Close", "88 82 00000000 03e8", ...broken(1002)],
  ["a masked continuation", "01 01 61|80 81 00000000 62", ...broken(1002)],
];

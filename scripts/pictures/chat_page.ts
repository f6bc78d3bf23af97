/** Pictures of the page that a room has for browsers. */
import { Coax, PIPE } from "../../tests/e2e/coax.ts";
import { Person } from "../../tests/interop/browser.ts";
import { Desk, SCHEMES, shoot } from "./chromium.ts";
import type { Content } from "./save.ts";

const SIZE = { width: 960, height: 680, density: 1.5 };

/** Shows one time for all lines: a picture that is made again is the same. */
const SAME_TIME = `document.querySelectorAll("time").forEach((one) => one.textContent = "17:04")`;

/** A room in light and in dark, as one sees it who is in a browser. */
export async function page(): Promise<Record<string, Content>> {
  await using resources = new AsyncDisposableStack();
  const addresses = ["127.0.0.1:0", "ws://127.0.0.1:0"];
  const room = resources.use(Coax.start(["chat", "--room", "tea", ...addresses], { stdin: PIPE }));
  const [tcp, ws] = await room.listening(2);
  const enter = async (name: string) => {
    const member = resources.use(Coax.start(["client", tcp!], { stdin: PIPE }));
    await member.prints(/welcome/);
    await member.write(`/nick ${name}\n`);
    await member.prints(/is now/);
    return member;
  };
  const alice = await enter("alice");
  await alice.write("hello from a terminal\n");
  const ming = await enter("小明");
  await ming.write("大家好! I am on my phone 🎉\n");
  const desk = resources.use(await Desk.open());
  const person = new Person(await desk.look(ws!.replace("ws:", "http:"), "light", SIZE));
  await person.isIn();
  await person.type("/nick ben");
  await person.isCalled("ben");
  await person.type("and I am in a browser, nothing to install");
  await alice.prints(/nothing to install/);
  await alice.write("/me waves\n");
  await person.sees(".line .text", "waves");
  await room.write("welcome, all three: https://example.org/tea\n");
  await person.sees(".line .text", "welcome, all three");
  await person.type("it is this simple:\n```\ncoax chat 9000 ws://8080\n```");
  await alice.prints(/ws:\/\/8080/);
  await alice.write("/msg ben can you read this?\n");
  await person.page.locator("#threads").getByRole("button", { name: /alice/ }).waitFor();
  await person.page.evaluate(SAME_TIME);
  const pictures: [string, Content][] = [];
  for (const colorScheme of SCHEMES) {
    await person.page.emulateMedia({ colorScheme });
    pictures.push([`page-${colorScheme}.webp`, await shoot(person.page)]);
  }
  return Object.fromEntries(pictures);
}

/// <reference lib="dom" />
/** The panel: what passes through the relays of a control, and what is done to it. */
import { render } from "preact";
import { App } from "./app.tsx";
import { Panel } from "./panel.ts";
import { readTheme, setTheme } from "./theme.ts";

const panel = new Panel();
const root = document.getElementById("app")!;
const draw = () => render(<App panel={panel} />, root);

setTheme(readTheme());
panel.start(draw);
draw();

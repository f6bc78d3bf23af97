/// <reference lib="dom" />
/** The faults of a proxy, as switches and sliders that act at once. */
import { useState } from "preact/hooks";
import { actWords, useShared } from "./context.ts";
import { canAct, faultOf, FAULTS, type FaultType, newToxic } from "./faults.ts";
import { shown } from "./format.ts";
import type { ShownProxy } from "./panel_state.ts";
import { Switch } from "./switch.tsx";
import { ToxicSliders } from "./toxic_sliders.tsx";
import type { Stream, Toxic } from "./wire.ts";

/** Faults that are always shown. */
const FIRST = 4;
const STREAMS: readonly Stream[] = ["upstream", "downstream"];

/** What is offered for a proxy: what can act on it, and what acts on it already. */
function faultsOf(proxy: ShownProxy): { all: FaultType[]; used: ReadonlySet<string> } {
  const used = new Set(proxy.toxics.map(({ type }) => type));
  const known = FAULTS.filter((fault) => STREAMS.some((stream) => canAct(fault, stream, proxy)));
  const others = [...used].filter((type) => !known.some((fault) => fault.type === type));
  return { all: [...known, ...others.map(faultOf)], used };
}

export function FaultsCard({ proxy }: { readonly proxy: ShownProxy }) {
  const { panel, words } = useShared();
  const [isOpen, setOpen] = useState(false);
  const { all, used } = faultsOf(proxy);
  const visible = all.filter(({ type }, i) => isOpen || i < FIRST || used.has(type));
  const clear = async () => {
    for (const { name } of proxy.toxics) await panel.api.removeToxic(proxy.name, name);
  };
  return (
    <section class="card faults" aria-labelledby="faults-title">
      <div class="card-head">
        <h3 id="faults-title">{words.faults}</h3>
        {used.size > 0 && (
          <button
            type="button"
            class="link"
            onClick={() => panel.act(clear, actWords(words))}
          >
            {words.clear}
          </button>
        )}
      </div>
      {visible.map((fault) => <FaultRow key={fault.type} proxy={proxy} fault={fault} />)}
      {visible.length < all.length || isOpen
        ? (
          <button
            type="button"
            class="link more"
            aria-expanded={isOpen}
            onClick={() => setOpen(!isOpen)}
          >
            {words.more}
          </button>
        )
        : null}
    </section>
  );
}

interface FaultRowProps {
  readonly proxy: ShownProxy;
  readonly fault: FaultType;
}

function FaultRow({ proxy, fault }: FaultRowProps) {
  const { panel, words } = useShared();
  const [title, text] = words.fault[fault.type] ?? [shown(fault.type), ""];
  const toxics = proxy.toxics.filter(({ type }) => type === fault.type);
  const toggle = (stream: Stream, on: boolean) =>
    panel.act(async () => {
      if (on) return await panel.api.addToxic(proxy.name, unnamed(newToxic(fault, stream), proxy));
      for (const { name, stream: of } of toxics) {
        if (of === stream) await panel.api.removeToxic(proxy.name, name);
      }
    }, actWords(words));
  return (
    <div class="fault" role="group" aria-label={title} data-on={toxics.length > 0}>
      <div class="fault-text">
        <h4>{title}</h4>
        <p class="quiet">{text}</p>
      </div>
      <div class="fault-switches">
        {STREAMS.filter((stream) => canAct(fault, stream, proxy)).map((stream) => (
          <Switch
            key={stream}
            kind={stream}
            on={toxics.some((toxic) => toxic.stream === stream)}
            name={words.switchFault(title, words.towards[stream])}
            text={words.towards[stream]}
            onToggle={(on) => toggle(stream, on)}
          />
        ))}
      </div>
      {toxics.map((toxic) => (
        <ToxicSliders key={toxic.name} proxy={proxy.name} fault={fault} toxic={toxic} />
      ))}
    </div>
  );
}

/** The same toxic under a name that no other has. */
function unnamed(toxic: Toxic, { toxics }: ShownProxy): Toxic {
  const names = new Set(toxics.map(({ name }) => name));
  let { name } = toxic;
  for (let i = 2; names.has(name); i++) name = `${toxic.name}_${i}`;
  return { ...toxic, name };
}

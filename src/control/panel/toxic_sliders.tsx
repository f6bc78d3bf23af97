/// <reference lib="dom" />
/** The settings of one toxic. */
import { useState } from "preact/hooks";
import { actWords, useShared } from "./context.ts";
import { type FaultType, type Knob, placeOf, scaleOf, TOXICITY } from "./faults.ts";
import { shown } from "./format.ts";
import type { Change } from "./tuner.ts";
import type { Toxic } from "./wire.ts";

interface ToxicSlidersProps {
  readonly proxy: string;
  readonly fault: FaultType;
  readonly toxic: Toxic;
}

export function ToxicSliders({ proxy, fault, toxic }: ToxicSlidersProps) {
  const { panel, words } = useShared();
  const { attributes, toxicity } = panel.tuner.tuned(proxy, toxic);
  const { name, stream } = toxic;
  const tune = (change: Change) => {
    void panel.act(() => panel.tuner.tune(proxy, name, change), actWords(words));
    panel.redraw();
  };
  const isOwnName = name !== `${fault.type}_${stream}`;
  const title = words.towards[stream] + (isOwnName ? ` · ${shown(name)}` : "");
  return (
    <div class={`sliders ${stream}`} role="group" aria-label={title}>
      <p class="sliders-title">{title}</p>
      {fault.knobs.map((knob) => (
        <Slider
          key={knob.name}
          id={`${proxy}/${name}/${knob.name}`}
          label={words.knob[knob.name] ?? knob.name}
          knob={knob}
          value={Number(attributes[knob.name] ?? 0)}
          set={(value) => tune({ attributes: { [knob.name]: value } })}
        />
      ))}
      <Slider
        id={`${proxy}/${name}/toxicity`}
        label={words.toxicity}
        knob={TOXICITY}
        value={toxicity}
        set={(value) => tune({ toxicity: value })}
      />
    </div>
  );
}

interface SliderProps {
  readonly id: string;
  readonly label: string;
  readonly knob: Knob;
  readonly value: number;
  set(value: number): void;
}

/** A slider and the number that it stands for; either sets it. */
function Slider({ id, label, knob, value, set }: SliderProps) {
  const { words } = useShared();
  const unit = words.unit[knob.unit];
  const scale = scaleOf(knob);
  const isShare = knob.unit === "share";
  const factor = isShare ? 100 : 1;
  const written = Number((value * factor).toPrecision(6));
  const setWritten = (text: string) => {
    const number = Number(text) / factor;
    if (text === "" || !(number >= 0) || (isShare && number > 1)) return;
    set(isShare ? number : Math.round(number));
  };
  return (
    <div class="slider">
      <label for={id}>{label}</label>
      <input
        id={id}
        type="range"
        min={0}
        max={scale.length - 1}
        value={placeOf(knob, value)}
        aria-valuetext={`${written} ${unit}`}
        onInput={({ currentTarget }) => set(scale[Number(currentTarget.value)]!)}
      />
      <NumberField
        max={isShare ? 100 : undefined}
        value={written}
        label={`${label}, ${unit}`}
        set={setWritten}
      />
      <span class="unit" aria-hidden="true">{unit}</span>
    </div>
  );
}

interface NumberFieldProps {
  readonly max: number | undefined;
  readonly value: number;
  readonly label: string;
  set(text: string): void;
}

/** A number that is set once it has been typed. */
function NumberField({ max, value, label, set }: NumberFieldProps) {
  // The page is drawn twice a second, and what is being typed must stay.
  const [typed, setTyped] = useState<string>();
  return (
    <input
      type="number"
      min={0}
      max={max}
      step="any"
      value={typed ?? value}
      aria-label={label}
      onInput={({ currentTarget }) => setTyped(currentTarget.value)}
      onChange={({ currentTarget }) => {
        set(currentTarget.value);
        setTyped(undefined);
      }}
      onBlur={() => setTyped(undefined)}
    />
  );
}

/// <reference lib="dom" />
/** The settings of one toxic. */
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
  const factor = knob.unit === "share" ? 100 : 1;
  const written = Number((value * factor).toPrecision(6));
  const setWritten = (text: string) => {
    const number = Number(text) / factor;
    const isShare = knob.unit === "share";
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
      <input
        type="number"
        min={0}
        max={knob.unit === "share" ? 100 : undefined}
        step="any"
        value={written}
        aria-label={`${label}, ${unit}`}
        onChange={({ currentTarget }) => setWritten(currentTarget.value)}
      />
      <span class="unit" aria-hidden="true">{unit}</span>
    </div>
  );
}

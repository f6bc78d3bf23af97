/// <reference lib="dom" />

interface SwitchProps {
  readonly on: boolean;
  /** Its whole name, which begins or ends with the text that is seen. */
  readonly name: string;
  readonly text: string;
  readonly kind?: string;
  readonly disabled?: boolean;
  onToggle(on: boolean): void;
}

/** A switch that acts at once. */
export function Switch({ on, name, text, kind = "", disabled, onToggle }: SwitchProps) {
  return (
    <button
      type="button"
      role="switch"
      class={`switch ${kind}`}
      aria-checked={on}
      aria-label={name}
      disabled={disabled}
      onClick={() => onToggle(!on)}
    >
      <span class="track" />
      <span>{text}</span>
    </button>
  );
}

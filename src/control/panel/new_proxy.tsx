/// <reference lib="dom" />
/** The form for a new proxy. */
import { useLayoutEffect, useRef } from "preact/hooks";
import { actWords, useShared } from "./context.ts";

interface NewProxyProps {
  /** Called with the name of the proxy that was made. */
  made(name: string): void;
  close(): void;
}

export function NewProxy({ made, close }: NewProxyProps) {
  const { panel, words } = useShared();
  const dialog = useRef<HTMLDialogElement>(null);
  useLayoutEffect(() => dialog.current?.showModal(), []);
  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    const data = new FormData(event.currentTarget as HTMLFormElement);
    const text = (field: string) => String(data.get(field) ?? "").trim();
    const proxy = { name: text("name"), listen: text("listen"), upstream: text("upstream") };
    if (await panel.act(() => panel.api.addProxy(proxy), actWords(words))) made(proxy.name);
  };
  const { form } = words;
  const { notice } = panel;
  return (
    <dialog ref={dialog} aria-labelledby="new-title" onClose={close}>
      <form onSubmit={submit}>
        <h2 id="new-title">{words.newProxy}</h2>
        <Field name="name" label={form.name} required />
        <Field
          name="listen"
          label={form.listen}
          hint={form.listenHint}
          placeholder="127.0.0.1:9000"
        />
        <Field name="upstream" label={form.upstream} placeholder="127.0.0.1:8080" required />
        <p class="problem" role="alert">{notice?.kind === "failed" ? notice.text : ""}</p>
        <div class="actions">
          <button type="button" onClick={() => dialog.current?.close()}>{form.cancel}</button>
          <button type="submit" class="primary">{form.make}</button>
        </div>
      </form>
    </dialog>
  );
}

interface FieldProps {
  readonly name: string;
  readonly label: string;
  readonly hint?: string;
  readonly placeholder?: string;
  readonly required?: boolean;
}

function Field({ name, label, hint, placeholder, required }: FieldProps) {
  const id = `new-${name}`;
  return (
    <p class="field">
      <label for={id}>{label}</label>
      <input
        id={id}
        name={name}
        required={required}
        placeholder={placeholder}
        autocomplete="off"
        spellcheck={false}
        aria-describedby={hint && `${id}-hint`}
      />
      {hint && <span class="quiet" id={`${id}-hint`}>{hint}</span>}
    </p>
  );
}

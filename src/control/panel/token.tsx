/// <reference lib="dom" />
/** Asks for the token. */
import { useShared } from "./context.ts";

export function TokenEntry() {
  const { panel, words: { token } } = useShared();
  const submit = (event: SubmitEvent) => {
    event.preventDefault();
    const data = new FormData(event.currentTarget as HTMLFormElement);
    panel.unlock(String(data.get("token") ?? ""));
  };
  return (
    <main class="alone">
      <form class="card" onSubmit={submit}>
        <h2>{token.title}</h2>
        <p class="field">
          <label for="token">{token.label}</label>
          <input
            id="token"
            name="token"
            type="password"
            required
            autocomplete="off"
            aria-describedby="token-why"
          />
          <span class="quiet" id="token-why">{token.why}</span>
        </p>
        <p class="problem" role="alert">{panel.wrongToken ? token.wrong : ""}</p>
        <div class="actions">
          <button type="submit" class="primary">{token.submit}</button>
        </div>
      </form>
    </main>
  );
}

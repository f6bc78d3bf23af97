/// <reference lib="dom" />
/** The whole page. */
import { useEffect, useState } from "preact/hooks";
import { SharedContext, useShared } from "./context.ts";
import { Header } from "./header.tsx";
import { NewProxy } from "./new_proxy.tsx";
import type { Panel } from "./panel.ts";
import { ProxyList } from "./proxy_list.tsx";
import { ProxyView } from "./proxy_view.tsx";
import { TokenEntry } from "./token.tsx";
import { type Language, LANGUAGES, preferred } from "./words/mod.ts";

const LANGUAGE = "coax-language";

export function App({ panel }: { readonly panel: Panel }) {
  const [language, setLanguage] = useState<Language>(() => readLanguage());
  const words = LANGUAGES[language];
  useEffect(() => {
    document.documentElement.lang = language === "zh" ? "zh-Hans" : "en";
    document.title = words.title;
    keepLanguage(language);
  }, [language]);
  return (
    <SharedContext.Provider value={{ panel, words, language }}>
      <Header language={language} setLanguage={setLanguage} />
      {panel.state.link === "locked" ? <TokenEntry /> : <Proxies />}
      <NoticeBar />
    </SharedContext.Provider>
  );
}

function Proxies() {
  const { panel } = useShared();
  const [selected, select] = useState<string>();
  const [isMaking, setMaking] = useState(false);
  const { proxies } = panel.state;
  const proxy = proxies.find(({ name }) => name === selected) ?? proxies[0];
  const makeNew = () => {
    panel.notice = undefined;
    setMaking(true);
  };
  const made = (name: string) => {
    select(name);
    setMaking(false);
  };
  return (
    <div class="body" data-empty={!proxy}>
      {proxy
        ? (
          <>
            <ProxyList proxies={proxies} selected={proxy.name} select={select} makeNew={makeNew} />
            <ProxyView key={proxy.name} proxy={proxy} />
          </>
        )
        : <NoProxy makeNew={makeNew} />}
      {isMaking && <NewProxy made={made} close={() => setMaking(false)} />}
    </div>
  );
}

function NoProxy({ makeNew }: { makeNew(): void }) {
  const { panel, words } = useShared();
  if (panel.state.link === "connecting") return <main class="alone" />;
  return (
    <main class="alone">
      <section class="card">
        <h2>{words.empty.title}</h2>
        <p>{words.empty.text}</p>
        <p>
          <button type="button" class="primary" onClick={makeNew}>{words.newProxy}</button>
        </p>
      </section>
    </main>
  );
}

/** What came of the last act. */
function NoticeBar() {
  const { panel, words } = useShared();
  const { notice } = panel;
  return (
    <div class="notice" role="status" data-kind={notice?.kind} hidden={!notice}>
      <span>{notice?.text}</span>
      <button type="button" aria-label={words.dismiss} onClick={() => panel.dismiss()}>×</button>
    </div>
  );
}

function readLanguage(): Language {
  try {
    const kept = localStorage.getItem(LANGUAGE);
    if (kept === "en" || kept === "zh") return kept;
  } catch {
    // The browser keeps nothing.
  }
  return preferred(navigator.languages);
}

function keepLanguage(language: Language): void {
  try {
    localStorage.setItem(LANGUAGE, language);
  } catch {
    // It is chosen anew after a reload.
  }
}

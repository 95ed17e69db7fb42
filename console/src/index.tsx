// All members side by side, each in a frame that shows what that member's own gateway sent, and a link to its console.

import { signal } from "@preact/signals";
import { render } from "preact";
import "./style.css";
import type { Index } from "./messages";
import { Legend } from "./panels/legend";

const index = signal<Index | null>(null);
const failure = signal("");

function Page() {
  const told = index.value;
  return (
    <div class="index">
      <header>
        {told && told.mode !== "" && (
          <div class={`mode mode-${told.mode.toLowerCase()}`}>
            <strong>{told.mode}</strong>
            {told.mode !== "LIVE" && <span>{told.speed > 0 ? `${told.speed}× speed` : "as fast as possible"}</span>}
          </div>
        )}
        <div class="top">
          <div class="brand"><span class="wordmark">foedus</span><h1>{told?.title ?? "…"}</h1></div>
          <p class="explain">One pact, one picture per member. Each frame shows only what the pact lets that member have.</p>
        </div>
      </header>
      {failure.value && <p class="failure" role="alert">{failure.value}</p>}
      <main class="grid">
        {told?.members.map(({ member, name }) => (
          <article key={member} class="tile">
            <iframe src={`/${member}/?embed`} title={`Picture of ${name}`} tabIndex={-1} />
            <a href={`/${member}/`}><span class="sr-only">{member} {name}: </span>Open console <span aria-hidden="true">→</span></a>
          </article>
        ))}
        {told && (
          <section class="tile key" aria-labelledby="key-title">
            <h2 id="key-title">How to read the pictures</h2>
            <Legend />
            <p>The same sky, but not the same picture: differences between two frames are the pact at work. Open a console
              to see, for each track, whose sensors stand behind it and by which clause it is there.</p>
          </section>
        )}
      </main>
      {told && <footer class="credits">{told.attribution && <span>{told.attribution} · </span>}Map: Natural Earth</footer>}
    </div>
  );
}

render(<Page />, document.getElementById("app")!);
fetch("/_members")
  .then((answer) => answer.json() as Promise<Index>)
  .then(
    (told) => {
      index.value = told;
      document.title = `${told.mode} ${told.title} - foedus`;
    },
    () => (failure.value = "The members cannot be listed: is foedus still running? Reload this page to try again."),
  );

// One member's console; with `?embed` only its map, its name and a badge for waiting warnings.

import { render } from "preact";
import "./style.css";
import { scene, showAll, AirMap } from "./map/view";
import { Header, LinkStrip, ModeStrip, StaleBanner } from "./panels/header";
import { CallDialog, SecondDialog, stopPicking } from "./panels/call";
import { Help } from "./panels/help";
import { Selected } from "./panels/selected";
import { Stand } from "./panels/stand";
import { step, Tracks } from "./panels/table";
import { acknowledgeFirst, Warnings } from "./panels/warnings";
import { SignIn } from "./panels/who";
import { connect } from "./socket";
import { frame, hello, helpOpen, picking, selected, showHistory, showLabels, waiting, wallNow } from "./state";

const query = new URLSearchParams(location.search);
const embedded = query.has("embed");
const renderer = query.get("renderer");

function Console() {
  return (
    <div class="console">
      <header>
        <ModeStrip />
        <Header />
        <LinkStrip />
      </header>
      <StaleBanner />
      <main>
        <Tracks />
        <AirMap embedded={false} renderer={renderer} />
        <div class="side">
          <Warnings />
          <Selected />
          <Stand />
        </div>
      </main>
      <Help />
      <CallDialog />
      <SecondDialog />
      <SignIn />
    </div>
  );
}

function Embedded() {
  const told = hello.value;
  const silent = frame.value ? frame.value.trackClass.reduce((sum, one) => sum + (one ? 0 : 1), 0) : 0;
  return (
    <div class="embedded">
      <AirMap embedded renderer={renderer} />
      <div class="embed-head">
        <b>{told?.member}</b> <span>{told?.name}</span>
        {told && <span class={`mode-word mode-${told.mode.toLowerCase()}`}>{told.mode}</span>}
      </div>
      <div class="embed-foot">
        {frame.value && <span>{frame.value.rows} tracks</span>}
        {silent > 0 && <span class="silent">{silent} unidentified</span>}
        {waiting.value.length > 0 && <span class="badge">▲ {waiting.value.length} warning{waiting.value.length > 1 ? "s" : ""}</span>}
      </div>
      <StaleBanner />
    </div>
  );
}

function onKey(event: KeyboardEvent): void {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const target = event.target as HTMLElement;
  if (event.key === "Escape") {
    if (target.matches("input, select")) target.blur();
    else if (picking.value) stopPicking();
    else if (!document.querySelector("dialog[open]")) selected.value = 0;
    document.querySelectorAll("details.chip[open]").forEach((chip) => chip.removeAttribute("open"));
    return;
  }
  if (target.matches("input, select, textarea") || document.querySelector("dialog[open]")) return;
  const keys: Record<string, () => void> = {
    a: acknowledgeFirst,
    j: () => step(1),
    k: () => step(-1),
    f: showAll,
    l: () => (showLabels.value = !showLabels.value),
    h: () => (showHistory.value = !showHistory.value),
    "?": () => (helpOpen.value = true),
    "/": () => document.getElementById("find")?.focus(),
  };
  const act = keys[event.key];
  if (!act) return;
  event.preventDefault();
  act();
}

declare global {
  interface Window {
    /** For tests: where a track stands on the page, and how many pixels its symbols cover. */
    foedus: { project(number: number): { x: number; y: number } | null; ink(): number };
  }
}
window.foedus = {
  project: (number) => scene.value?.project(number) ?? null,
  ink: () => scene.value?.ink() ?? 0,
};

document.body.classList.toggle("embed", embedded);
render(embedded ? <Embedded /> : <Console />, document.getElementById("app")!);
if (!embedded) document.addEventListener("keydown", onKey);
setInterval(() => (wallNow.value = performance.now()), 500);
connect();

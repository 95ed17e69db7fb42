// The map as a component: pointer, wheel and keys move the camera; a click selects the nearest track.

import { signal } from "@preact/signals";
import { useEffect, useRef } from "preact/hooks";
import { distance, position } from "../format";
import { stopPicking } from "../panels/call";
import {
  connected, closedBecause, ended, filtered, frame, hello, picking, rows, selected, showHistory, showLabels,
} from "../state";
import { Scene } from "./scene";

export const scene = signal<Scene | null>(null);
const cursor = signal("");
const scaleBar = signal({ px: 0, text: "" });

const PICK_PX = { mouse: 14, touch: 24 };
const PAN_STEP_PX = 80;

export function AirMap({ embedded, renderer }: { embedded: boolean; renderer: string | null }) {
  const host = useRef<HTMLDivElement>(null);
  useEffect(() => {
    const map = new Scene(host.current!, embedded, renderer);
    scene.value = map;
    map.onCamera = () => measure(map);
    if (!embedded) listen(host.current!, map);
    return () => map.dispose();
  }, []);
  return (
    <div class="map" ref={host} {...(embedded ? { role: "img" as const } : { tabIndex: 0, role: "application" as const })}
      aria-label="Map of the air picture. Arrow keys move it, plus and minus zoom, f shows everything. The track table lists the same tracks.">
      <EmptyReason />
      {picking.value && (
        <p class="picking" role="status">Click the place where it is seen.{" "}
          <button type="button" onClick={stopPicking}>Back to the form</button></p>
      )}
      {!embedded && <Tools />}
      {!embedded && (
        <div class="map-foot" aria-hidden="true">
          <span class="scale" style={{ width: `${scaleBar.value.px}px` }}>{scaleBar.value.text}</span>
          <span class="cursor">{cursor.value}</span>
        </div>
      )}
      <Attribution short={embedded} />
    </div>
  );
}

function EmptyReason() {
  const picture = frame.value;
  let reason = "";
  if (!hello.value) reason = connected.value || !closedBecause.value ? "Waiting for this member's gateway…" : closedBecause.value;
  else if (!picture) reason = "Connected. The node has not published a picture yet: its first tick is still to come.";
  else if (picture.rows === 0) {
    reason = ended.value
      ? `No track is held: ${ended.value}.`
      : "No track is held: no own sensor reports one now, and no partner gives one under the pact.";
  } else if (rows.value.length === 0 && filtered.value) reason = `The filter hides all ${picture.rows} tracks.`;
  return reason ? <p class="empty" role="status">{reason}</p> : null;
}

function Attribution({ short }: { short: boolean }) {
  const text = hello.value?.attribution ?? "";
  return (
    <p class="attribution">
      {text && !short && <span>{text} · </span>}
      <span>Map: Natural Earth</span>
    </p>
  );
}

function Tools() {
  const map = scene.value;
  const zoom = (steps: number): void => {
    if (!map) return;
    map.camera.zoomAt(map.camera.width / 2, map.camera.height / 2, steps);
    map.moved();
  };
  return (
    <div class="tools">
      <button type="button" aria-label="Zoom in" title="Zoom in (+)" onClick={() => zoom(0.6)}>+</button>
      <button type="button" aria-label="Zoom out" title="Zoom out (-)" onClick={() => zoom(-0.6)}>−</button>
      <button type="button" aria-label="Show everything" title="Show everything (f)" onClick={showAll}>⤢</button>
      <button type="button" aria-label="Labels" title="Labels (l)" aria-pressed={showLabels.value}
        onClick={() => (showLabels.value = !showLabels.value)}>Aa</button>
      <button type="button" aria-label="History dots" title="History dots (h)" aria-pressed={showHistory.value}
        onClick={() => (showHistory.value = !showHistory.value)}>⋯</button>
    </div>
  );
}

export function showAll(): void {
  scene.value?.fit();
}

function measure({ camera }: Scene): void {
  const metre_px = camera.pixelsPerMetre(camera.y);
  const lengths = [1, 2, 5].flatMap((n) => [n * 100, n * 1e3, n * 1e4, n * 1e5, n * 1e6]).sort((a, b) => a - b);
  const length = lengths.filter((metres) => metres * metre_px <= 130).at(-1) ?? 100;
  scaleBar.value = { px: Math.round(length * metre_px), text: distance(length) };
}

function listen(host: HTMLElement, map: Scene): void {
  const pointers = new Map<number, { x: number; y: number }>();
  let travelled = 0;
  let spread = 0;
  const place = (event: MouseEvent): { x: number; y: number } => {
    const box = host.getBoundingClientRect();
    return { x: event.clientX - box.left, y: event.clientY - box.top };
  };
  const onMap = (event: Event): boolean => event.target instanceof HTMLCanvasElement || event.target === host;

  const down = (event: PointerEvent): void => {
    if (!onMap(event) || event.button > 0) return;
    pointers.set(event.pointerId, place(event));
    if (pointers.size === 1) travelled = 0;
    spread = 0;
    host.setPointerCapture(event.pointerId);
  };
  const move = (event: PointerEvent): void => {
    const at = place(event);
    const there = map.camera.at(at.x, at.y);
    cursor.value = position(there.lat, there.lon);
    const before = pointers.get(event.pointerId);
    if (!before) return;
    pointers.set(event.pointerId, at);
    if (pointers.size === 2) {
      const [a, b] = [...pointers.values()] as [typeof at, typeof at];
      const now = Math.hypot(a.x - b.x, a.y - b.y);
      if (spread) map.camera.zoomAt((a.x + b.x) / 2, (a.y + b.y) / 2, Math.log2(now / spread));
      spread = now;
      travelled = 99;
    } else {
      travelled += Math.abs(at.x - before.x) + Math.abs(at.y - before.y);
      if (travelled > 4) map.camera.pan(at.x - before.x, at.y - before.y);
    }
    map.moved();
  };
  const up = (event: PointerEvent): void => {
    if (!pointers.delete(event.pointerId) || event.type === "pointercancel") return;
    if (travelled <= 4 && pointers.size === 0) {
      const at = place(event);
      if (picking.value) {
        const there = map.camera.at(at.x, at.y);
        picking.value(there.lat, there.lon);
        return;
      }
      selected.value = map.pick(at.x, at.y, event.pointerType === "touch" ? PICK_PX.touch : PICK_PX.mouse);
    }
  };
  const wheel = (event: WheelEvent): void => {
    event.preventDefault();
    const at = place(event);
    map.camera.zoomAt(at.x, at.y, -Math.sign(event.deltaY) * Math.min(0.35, Math.abs(event.deltaY) / 300));
    map.moved();
  };
  const key = (event: KeyboardEvent): void => {
    if (event.target !== host || event.ctrlKey || event.metaKey || event.altKey) return;
    const steps: Record<string, () => void> = {
      ArrowLeft: () => map.camera.pan(PAN_STEP_PX, 0),
      ArrowRight: () => map.camera.pan(-PAN_STEP_PX, 0),
      ArrowUp: () => map.camera.pan(0, PAN_STEP_PX),
      ArrowDown: () => map.camera.pan(0, -PAN_STEP_PX),
      "+": () => map.camera.zoomAt(map.camera.width / 2, map.camera.height / 2, 0.5),
      "=": () => map.camera.zoomAt(map.camera.width / 2, map.camera.height / 2, 0.5),
      "-": () => map.camera.zoomAt(map.camera.width / 2, map.camera.height / 2, -0.5),
    };
    const step = steps[event.key];
    if (!step) return;
    event.preventDefault();
    step();
    map.moved();
  };
  host.addEventListener("pointerdown", down);
  host.addEventListener("pointermove", move);
  host.addEventListener("pointerup", up);
  host.addEventListener("pointercancel", up);
  host.addEventListener("wheel", wheel, { passive: false });
  host.addEventListener("keydown", key);
}

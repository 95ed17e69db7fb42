// The map: three canvases on top of each other (land and zones, symbols, labels), redrawn when something changed.

import { effect } from "@preact/signals";
import { height, knots, trend } from "../format";
import { nameOf, rowOf, UNIDENTIFIED, type Frame } from "../frame";
import type { Zone } from "../messages";
import { frame, hello, identityWord, isOpen, rows, selected, showHistory, showLabels, warnings } from "../state";
import { Basemap } from "./basemap";
import { Camera, mercatorX, mercatorY } from "./camera";
import { Labels, type Box, type Label } from "./labels";
import { makeRenderer, makeSprites, type Renderer, type Sprites } from "./renderers";
import { colourOf, lookOf } from "./symbols";

const LEADER_S = 60;
const FRESH_S = 10;
const FADED_S = 60;
const HISTORY_FRAMES = 60;
const HISTORY_DOTS = 6;
const HISTORY_SPACING_S = 20;
const HISTORY_TRACKS_MAX = 3_000;
const LABELS_MAX = 400;
/** With more symbols than this in view, only unidentified tracks and the selected one are named. */
const LABELLED_SYMBOLS_MAX = 1_500;
const NO_SYMBOLS = makeSprites(0);
const CELL_DEG = 0.1;
const SELECTED_COLOUR = "#ffffff";
const WARNING_COLOUR = "#ff8a3d";

/** Where the tracks of one earlier frame stood. */
interface Past {
  sequence: number;
  number: Int32Array;
  x: Float64Array;
  y: Float64Array;
}

export class Scene {
  readonly camera = new Camera();
  private readonly layers: HTMLCanvasElement[];
  private readonly basePen: CanvasRenderingContext2D;
  private readonly overPen: CanvasRenderingContext2D;
  private renderer: Renderer;
  private readonly basemap = new Basemap(() => this.invalidate(true));
  private readonly labels = new Labels();
  private sprites: Sprites = makeSprites(256);
  private spriteRows = new Int32Array(256);
  private now: Past = { sequence: 0, number: new Int32Array(0), x: new Float64Array(0), y: new Float64Array(0) };
  private past: Past[] = [];
  private ratio = 1;
  /** Whether a person has moved the map; until then it keeps showing the whole area. */
  private touched = false;
  private baseDirty = true;
  private scheduled = false;
  private readonly stops: (() => void)[] = [];

  /** Called whenever the camera may have moved. */
  onCamera: () => void = () => undefined;

  constructor(private readonly host: HTMLElement, private readonly embedded: boolean, renderer: string | null) {
    this.layers = ["land", "tracks", "labels"].map((name) => {
      const canvas = document.createElement("canvas");
      canvas.className = `layer ${name}`;
      host.prepend(canvas);
      return canvas;
    });
    host.prepend(...this.layers);
    this.basePen = this.layers[0]!.getContext("2d")!;
    this.renderer = makeRenderer(this.layers[1]!, renderer);
    this.layers[1]!.addEventListener("webglcontextlost", (event) => event.preventDefault());
    this.layers[1]!.addEventListener("webglcontextrestored", () => {
      this.renderer = makeRenderer(this.layers[1]!, this.renderer.name);
      this.invalidate(false);
    });
    this.overPen = this.layers[2]!.getContext("2d")!;
    document.body.dataset["renderer"] = this.renderer.name;
    const observer = new ResizeObserver(() => this.resize());
    observer.observe(host);
    this.stops.push(
      () => observer.disconnect(),
      effect(() => this.take(frame.value)),
      effect(() => {
        if (hello.value && !this.touched) this.fit();
        this.invalidate(true);
      }),
      effect(() => {
        void [rows.value, selected.value, showLabels.value, showHistory.value, warnings.value];
        this.invalidate(false);
      }),
    );
  }

  dispose(): void {
    this.stops.forEach((stop) => stop());
  }

  /** Show the whole area of the network, and go on doing so when the window changes. */
  fit(): void {
    const told = hello.value;
    this.touched = false;
    if (told) this.camera.fit(told.bounds, this.embedded ? 4 : 34);
    this.invalidate(true);
  }

  /** A person has moved the camera. */
  moved(): void {
    this.touched = true;
    this.invalidate(true);
  }

  private resize(): void {
    const { camera, host } = this;
    camera.width = host.clientWidth || 1;
    camera.height = host.clientHeight || 1;
    this.ratio = Math.min(2, devicePixelRatio || 1);
    for (const canvas of this.layers) {
      canvas.width = Math.round(camera.width * this.ratio);
      canvas.height = Math.round(camera.height * this.ratio);
    }
    if (hello.value && !this.touched) this.fit();
    this.baseDirty = true;
    this.draw(); // at once: resizing has blanked the canvases
  }

  invalidate(base: boolean): void {
    this.baseDirty ||= base;
    if (this.scheduled) return;
    this.scheduled = true;
    requestAnimationFrame(() => this.draw());
  }

  private take(picture: Frame | null): void {
    if (!picture) return;
    const next: Past = {
      sequence: picture.sequence, number: picture.number, x: new Float64Array(picture.rows), y: new Float64Array(picture.rows),
    };
    for (let row = 0; row < picture.rows; row++) {
      next.x[row] = mercatorX(picture.lon[row]! * 1e-7);
      next.y[row] = mercatorY(picture.lat[row]! * 1e-7);
    }
    if (this.now.number.length) this.past.unshift(this.now);
    this.past.length = Math.min(this.past.length, HISTORY_FRAMES);
    this.now = next;
    if (this.sprites.x.length < picture.rows) {
      this.sprites = makeSprites(picture.rows * 2);
      this.spriteRows = new Int32Array(picture.rows * 2);
    }
    this.invalidate(false);
  }

  private draw(): void {
    this.scheduled = false;
    const { camera, ratio } = this;
    if (this.baseDirty) {
      this.baseDirty = false;
      this.basePen.setTransform(ratio, 0, 0, ratio, 0, 0);
      this.basemap.draw(this.basePen, camera);
      this.drawMode();
      for (const zone of hello.value?.zones ?? []) this.drawZone(zone);
      this.onCamera();
    }
    this.gather();
    this.renderer.draw(this.sprites, camera.width, camera.height, ratio);
    const pen = this.overPen;
    pen.setTransform(ratio, 0, 0, ratio, 0, 0);
    pen.clearRect(0, 0, camera.width, camera.height);
    if (showHistory.value) this.drawHistory(pen);
    const boxes = [...(this.embedded ? [] : this.nameZones(pen)), ...this.drawWarnings(pen)];
    this.drawSelected(pen);
    if (showLabels.value) this.drawLabels(pen, boxes);
    document.body.dataset["drawn"] = String(frame.value?.sequence ?? 0);
  }

  /** Sprites of all filtered tracks in view. */
  private gather(): void {
    const { camera, sprites, now } = this;
    const picture = frame.value;
    sprites.count = 0;
    if (!picture || picture.number !== now.number) return;
    const margin = 30;
    for (const row of rows.value) {
      const x = camera.screenX(now.x[row]!);
      const y = camera.screenY(now.y[row]!);
      if (x < -margin || y < -margin || x > camera.width + margin || y > camera.height + margin) continue;
      const i = sprites.count++;
      const reach = picture.speed_m_s[row]! * LEADER_S * camera.pixelsPerMetre(now.y[row]!);
      const turn = (picture.heading_deg[row]! * Math.PI) / 180;
      const leads = reach > 8 && Number.isFinite(turn);
      sprites.x[i] = x;
      sprites.y[i] = y;
      sprites.tipX[i] = leads ? x + reach * Math.sin(turn) : x;
      sprites.tipY[i] = leads ? y - reach * Math.cos(turn) : y;
      sprites.look[i] = lookOf(picture.trackClass[row]!, picture.status[row]!, picture.identity[row]!);
      const faded = (picture.age_s[row]! - FRESH_S) / (FADED_S - FRESH_S);
      sprites.alpha[i] = 1 - 0.6 * Math.max(0, Math.min(1, faded));
      this.spriteRows[i] = row;
    }
  }

  /** What is not live says so all over the map, under the tracks: no cut of the screen is without the word. */
  private drawMode(): void {
    const { camera, basePen: pen, ratio } = this;
    const mode = hello.value?.mode ?? "LIVE";
    if (mode === "LIVE") return;
    pen.save();
    pen.font = `800 ${this.embedded ? 26 : 44}px system-ui, sans-serif`;
    pen.textAlign = "center";
    pen.textBaseline = "middle";
    pen.fillStyle = mode === "EXERCISE" ? "rgba(204, 121, 167, 0.2)" : "rgba(230, 159, 0, 0.13)";
    const [across, down] = this.embedded ? [210, 120] : [340, 190];
    for (let y = down / 2, line = 0; y < camera.height + down; y += down, line++) {
      for (let x = line % 2 ? 0 : across / 2; x < camera.width + across; x += across) {
        pen.setTransform(ratio, 0, 0, ratio, x * ratio, y * ratio);
        pen.rotate(-Math.PI / 9);
        pen.fillText(mode, 0, 0);
      }
    }
    pen.restore();
  }

  private drawZone(zone: Zone): void {
    const { camera, basePen: pen } = this;
    const own = zone.owner === hello.value?.member;
    pen.beginPath();
    for (const [lat, lon] of zone.polygon) {
      pen.lineTo(camera.screenX(mercatorX(lon)), camera.screenY(mercatorY(lat)));
    }
    pen.closePath();
    pen.fillStyle = own ? "rgba(230, 159, 0, 0.07)" : "rgba(204, 121, 167, 0.05)";
    pen.fill();
    pen.setLineDash(own ? [] : [6, 4]);
    pen.strokeStyle = own ? "rgba(230, 159, 0, 0.75)" : "rgba(204, 121, 167, 0.7)";
    pen.lineWidth = 1.3;
    pen.stroke();
    pen.setLineDash([]);
  }

  /** Names of the zones in view, and the boxes that they take. */
  private nameZones(pen: CanvasRenderingContext2D): Box[] {
    const { camera } = this;
    const boxes: Box[] = [];
    pen.font = "600 10.5px system-ui, sans-serif";
    pen.textBaseline = "bottom";
    pen.textAlign = "center";
    pen.lineWidth = 3;
    pen.strokeStyle = "rgba(8, 13, 18, 0.8)";
    for (const zone of hello.value?.zones ?? []) {
      const points = zone.polygon.map(([lat, lon]) => [camera.screenX(mercatorX(lon)), camera.screenY(mercatorY(lat))] as const);
      const [x, y] = points.reduce((best, point) => (point[1] < best[1] ? point : best));
      const text = `${zone.id} · ${zone.owner}`;
      const half = pen.measureText(text).width / 2 + 4;
      if (x < -half || x > camera.width + half || y < 0 || y > camera.height) continue;
      const at = Math.max(half, Math.min(camera.width - half, x));
      const foot = Math.max(16, y - 4);
      pen.strokeText(text, at, foot);
      pen.fillStyle = zone.owner === hello.value?.member ? "#e9b44c" : "#d99bbf";
      pen.fillText(text, at, foot);
      boxes.push({ left: at - half, right: at + half, top: foot - 13, bottom: foot });
    }
    return boxes;
  }

  /** The cells of open warnings: all that a tearline tells of a place. */
  private drawWarnings(pen: CanvasRenderingContext2D): Box[] {
    const { camera } = this;
    const boxes: Box[] = [];
    for (const warning of warnings.value) {
      if (!isOpen(warning)) continue;
      const x0 = camera.screenX(mercatorX(warning.lon_cell_deg));
      const x1 = camera.screenX(mercatorX(warning.lon_cell_deg + CELL_DEG));
      const y0 = camera.screenY(mercatorY(warning.lat_cell_deg + CELL_DEG));
      const y1 = camera.screenY(mercatorY(warning.lat_cell_deg));
      const grow = Math.max(0, (12 - (x1 - x0)) / 2); // still seen when zoomed out
      pen.strokeStyle = WARNING_COLOUR;
      pen.fillStyle = "rgba(213, 94, 0, 0.22)";
      pen.lineWidth = 2;
      pen.setLineDash(warning.direction === "sent" ? [5, 4] : []);
      pen.beginPath();
      pen.rect(x0 - grow, y0 - grow, x1 - x0 + 2 * grow, y1 - y0 + 2 * grow);
      pen.fill();
      pen.stroke();
      pen.setLineDash([]);
      if (this.embedded) continue;
      pen.font = "700 11px system-ui, sans-serif";
      pen.textAlign = "left";
      pen.textBaseline = "bottom";
      pen.lineWidth = 3;
      pen.strokeStyle = "rgba(8, 13, 18, 0.85)";
      const text = `▲ to ${warning.zone}`;
      const box = { left: x0 - grow, right: x0 - grow + pen.measureText(text).width, top: y0 - grow - 17, bottom: y0 - grow - 3 };
      pen.strokeText(text, box.left, box.bottom);
      pen.fillStyle = WARNING_COLOUR;
      pen.fillText(text, box.left, box.bottom);
      boxes.push(box);
    }
    return boxes;
  }

  private drawHistory(pen: CanvasRenderingContext2D): void {
    const picture = frame.value;
    if (!picture) return;
    const { camera } = this;
    if (picture.rows <= HISTORY_TRACKS_MAX) {
      const shown = new Map<number, string>();
      for (let i = 0; i < this.sprites.count; i++) {
        const row = this.spriteRows[i]!;
        shown.set(picture.number[row]!, colourOf(this.sprites.look[i]!));
      }
      // Every so-many-th frame, counted from the first: dots then stay where they are while new ones come.
      const every = Math.max(1, Math.round(HISTORY_SPACING_S / (hello.value?.tick_s ?? HISTORY_SPACING_S)));
      const dots = this.past.filter((then) => then.sequence % every === 0).slice(0, HISTORY_DOTS);
      for (const [back, then] of dots.entries()) {
        pen.globalAlpha = 0.8 * (1 - back / (HISTORY_DOTS + 1));
        for (let row = 0; row < then.number.length; row++) {
          const colour = shown.get(then.number[row]!);
          if (!colour) continue;
          pen.fillStyle = colour;
          pen.fillRect(camera.screenX(then.x[row]!) - 1, camera.screenY(then.y[row]!) - 1, 2, 2);
        }
      }
    }
    if (selected.value) {
      pen.globalAlpha = 0.9;
      pen.fillStyle = SELECTED_COLOUR;
      for (const then of this.past) {
        const row = then.number.indexOf(selected.value);
        if (row < 0) continue;
        pen.beginPath();
        pen.arc(camera.screenX(then.x[row]!), camera.screenY(then.y[row]!), 1.6, 0, 7);
        pen.fill();
      }
    }
    pen.globalAlpha = 1;
  }

  /** A ring round the selected track, and its accuracy: two sigma. */
  private drawSelected(pen: CanvasRenderingContext2D): void {
    const picture = frame.value;
    const row = rowOf(picture, selected.value);
    if (!picture || row < 0 || picture.number !== this.now.number) return;
    const { camera } = this;
    const x = camera.screenX(this.now.x[row]!);
    const y = camera.screenY(this.now.y[row]!);
    pen.strokeStyle = SELECTED_COLOUR;
    pen.lineWidth = 1.5;
    pen.beginPath();
    pen.arc(x, y, 11, 0, 7);
    pen.stroke();
    const radius = 2 * picture.sigma_m[row]! * camera.pixelsPerMetre(this.now.y[row]!);
    if (radius > 11) {
      pen.setLineDash([3, 4]);
      pen.lineWidth = 1;
      pen.beginPath();
      pen.arc(x, y, radius, 0, 7);
      pen.stroke();
      pen.setLineDash([]);
    }
  }

  private drawLabels(pen: CanvasRenderingContext2D, boxes: Box[]): void {
    const picture = frame.value;
    if (!picture) return;
    const { sprites } = this;
    const list: Label[] = [];
    const sparing = this.embedded || sprites.count > LABELLED_SYMBOLS_MAX;
    for (let i = 0; i < sprites.count; i++) {
      const row = this.spriteRows[i]!;
      const number = picture.number[row]!;
      const silent = picture.trackClass[row] === UNIDENTIFIED;
      const chosen = number === selected.value;
      if (list.length >= LABELS_MAX && !chosen) continue;
      if (sparing && !silent && !chosen) continue;
      list.push({
        number,
        x: sprites.x[i]!,
        y: sprites.y[i]!,
        lines: [nameOf(picture, row), [detail(picture, row), identityWord(picture, row)].filter(Boolean).join(" ")],
        colour: chosen ? SELECTED_COLOUR : silent ? colourOf(0) : "#cfe3f1",
        priority: chosen ? 0 : silent ? 1 : 2,
      });
    }
    this.labels.draw(pen, list, sparing ? NO_SYMBOLS : sprites, boxes, this.camera.width);
  }

  /** Number of the track nearest to a place on the map, or 0. */
  pick(x: number, y: number, reach_px: number): number {
    let best = reach_px * reach_px;
    let found = 0;
    for (let i = 0; i < this.sprites.count; i++) {
      const dx = this.sprites.x[i]! - x;
      const dy = this.sprites.y[i]! - y;
      const distance = dx * dx + dy * dy;
      if (distance < best) {
        best = distance;
        found = frame.value?.number[this.spriteRows[i]!] ?? 0;
      }
    }
    return found;
  }

  /** Where a track stands in the window, or null: a hook for tests. */
  project(number: number): { x: number; y: number } | null {
    const row = this.now.number.indexOf(number);
    if (row < 0) return null;
    const box = this.host.getBoundingClientRect();
    return {
      x: box.left + this.camera.screenX(this.now.x[row]!),
      y: box.top + this.camera.screenY(this.now.y[row]!),
    };
  }

  /** Pixels that the symbols cover: a hook for tests. */
  ink(): number {
    this.draw();
    return this.renderer.ink();
  }

  /** Bring a track into view, keeping the zoom. */
  centre(number: number): void {
    const row = this.now.number.indexOf(number);
    if (row < 0) return;
    const x = this.camera.screenX(this.now.x[row]!);
    const y = this.camera.screenY(this.now.y[row]!);
    const margin = 40;
    if (x > margin && y > margin && x < this.camera.width - margin && y < this.camera.height - margin) return;
    this.camera.pan(this.camera.width / 2 - x, this.camera.height / 2 - y);
    this.moved();
  }
}

/** Height in hundreds of feet, trend, speed in tens of knots: as on a radar label. */
function detail(picture: Frame, row: number): string {
  const metres = picture.height_m[row]!;
  const level = height(metres) === "–" ? "---" : String(Math.round(metres / 30.48)).padStart(3, "0");
  const speed = picture.speed_m_s[row]!;
  const fast = Number.isFinite(speed) ? String(Math.round(knots(speed))) : "---";
  return `${level}${trend(picture.climb_m_s[row]!) || " "}${fast}`;
}

// Land, borders and names from the binary that basemap.js prepared; drawn only when the camera moves.

import fineUrl from "virtual:basemap/10m";
import coarseUrl from "virtual:basemap/50m";
import { mercatorX, mercatorY, type Camera } from "./camera";

/** From this zoom on, the 1:10 million outlines are fetched and drawn instead of those at 1:50 million. */
const FINE_ZOOM = 5.5;

interface Path {
  x: Float32Array;
  y: Float32Array;
  west: number;
  east: number;
  north: number;
  south: number;
}

interface Place {
  name: string;
  x: number;
  y: number;
  /** Width of the country at its name, in unit-square x. */
  extent: number;
}

interface Atlas {
  land: Path[];
  border: Path[];
  coast: Path[];
  places: Place[];
}

function decode(buffer: ArrayBuffer): Atlas {
  const bytes = new Uint8Array(buffer);
  const headLength = new DataView(buffer).getUint32(0, true);
  const head = JSON.parse(new TextDecoder().decode(bytes.subarray(4, 4 + headLength))) as {
    quantum: number;
    places: [string, number, number, number][];
    land: number;
    border: number;
    coast: number;
  };
  let at = 4 + headLength;
  const varint = (): number => {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const byte = bytes[at++]!;
      value |= (byte & 127) << shift;
      if (byte < 128) return value;
    }
  };
  const step = (): number => {
    const value = varint();
    return value & 1 ? -(value + 1) / 2 : value / 2;
  };
  const paths = (count: number): Path[] => Array.from({ length: count }, () => {
    const points = varint();
    const path: Path = {
      x: new Float32Array(points), y: new Float32Array(points), west: 2, east: -1, north: 2, south: -1,
    };
    let lon = 0;
    let lat = 0;
    for (let i = 0; i < points; i++) {
      lon += step();
      lat += step();
      const x = (path.x[i] = mercatorX(lon * head.quantum));
      const y = (path.y[i] = mercatorY(lat * head.quantum));
      if (x < path.west) path.west = x;
      if (x > path.east) path.east = x;
      if (y < path.north) path.north = y;
      if (y > path.south) path.south = y;
    }
    return path;
  });
  const land = paths(head.land);
  const border = paths(head.border);
  const coast = paths(head.coast);
  const places = head.places.map(([name, lon, lat, extent]) => ({
    name: name.toUpperCase(),
    x: mercatorX(lon),
    y: mercatorY(lat),
    extent: extent / 360,
  }));
  return { land, border, coast, places };
}

export class Basemap {
  private atlases: { coarse?: Atlas; fine?: Atlas } = {};
  private asked = new Set<string>();

  constructor(private readonly onLoad: () => void) {}

  private async load(name: "coarse" | "fine", url: string): Promise<void> {
    if (this.asked.has(name)) return;
    this.asked.add(name);
    try {
      const answer = await fetch(url);
      if (!answer.ok) throw new Error(String(answer.status));
      this.atlases[name] = decode(await answer.arrayBuffer());
      this.onLoad();
    } catch {
      this.asked.delete(name); // the next camera move tries again; tracks need no basemap
    }
  }

  draw(pen: CanvasRenderingContext2D, camera: Camera): void {
    void this.load("coarse", coarseUrl);
    if (camera.zoom >= FINE_ZOOM) void this.load("fine", fineUrl);
    const atlas = (camera.zoom >= FINE_ZOOM && this.atlases.fine) || this.atlases.coarse;
    pen.fillStyle = "#0a1016";
    pen.fillRect(0, 0, camera.width, camera.height);
    if (!atlas) return;
    this.trace(pen, camera, atlas.land, true);
    pen.fillStyle = "#15202a";
    pen.fill("evenodd");
    pen.lineJoin = "round";
    this.graticule(pen, camera);
    this.trace(pen, camera, atlas.coast, false);
    pen.strokeStyle = "#40566a";
    pen.lineWidth = 1;
    pen.stroke();
    this.trace(pen, camera, atlas.border, false);
    pen.strokeStyle = "#587084";
    pen.lineWidth = 1.2;
    pen.stroke();
    this.names(pen, camera, atlas.places);
  }

  /** Trace all paths in view, at each copy of the world that is in view. */
  private trace(pen: CanvasRenderingContext2D, camera: Camera, paths: Path[], closed: boolean): void {
    const { scale, width, height } = camera;
    const half = width / 2 / scale;
    const top = camera.y - height / 2 / scale;
    const bottom = camera.y + height / 2 / scale;
    pen.beginPath();
    for (let copy = -1; copy <= 1; copy++) {
      const west = camera.x - half - copy;
      const east = camera.x + half - copy;
      const left = width / 2 + (copy - camera.x) * scale;
      const up = height / 2 - camera.y * scale;
      for (const path of paths) {
        if (path.east < west || path.west > east || path.south < top || path.north > bottom) continue;
        this.line(pen, path, scale, left, up);
        if (closed) pen.closePath();
      }
    }
  }

  private line(pen: CanvasRenderingContext2D, path: Path, scale: number, left: number, up: number): void {
    let px = path.x[0]! * scale + left;
    let py = path.y[0]! * scale + up;
    pen.moveTo(px, py);
    const last = path.x.length - 1;
    for (let i = 1; i <= last; i++) {
      const x = path.x[i]! * scale + left;
      const y = path.y[i]! * scale + up;
      if (i < last && Math.abs(x - px) < 0.8 && Math.abs(y - py) < 0.8) continue;
      pen.lineTo(x, y);
      px = x;
      py = y;
    }
  }

  private graticule(pen: CanvasRenderingContext2D, camera: Camera): void {
    const wanted = (110 / camera.scale) * 360;
    const step = [0.1, 0.25, 0.5, 1, 2, 5, 10, 20, 30].find((degrees) => degrees >= wanted) ?? 45;
    const southWest = camera.at(0, camera.height);
    const northEast = camera.at(camera.width, 0);
    const across = (camera.width / camera.scale) * 360;
    pen.beginPath();
    const west = Math.floor(southWest.lon / step) * step;
    for (let lon = west; lon <= southWest.lon + Math.min(across, 360); lon += step) {
      const x = Math.round(camera.screenX(mercatorX(lon))) + 0.5;
      pen.moveTo(x, 0);
      pen.lineTo(x, camera.height);
    }
    for (let lat = Math.ceil(southWest.lat / step) * step; lat <= northEast.lat; lat += step) {
      const y = Math.round(camera.screenY(mercatorY(lat))) + 0.5;
      pen.moveTo(0, y);
      pen.lineTo(camera.width, y);
    }
    pen.strokeStyle = "rgba(120, 150, 175, 0.09)";
    pen.lineWidth = 1;
    pen.stroke();
  }

  private names(pen: CanvasRenderingContext2D, camera: Camera, places: Place[]): void {
    pen.textAlign = "center";
    pen.textBaseline = "middle";
    pen.fillStyle = "#60788b";
    for (const place of places) {
      const across = place.extent * camera.scale;
      if (across < 60) continue;
      const x = camera.screenX(place.x);
      const y = camera.screenY(place.y);
      if (x < -200 || x > camera.width + 200 || y < 0 || y > camera.height) continue;
      const size = Math.max(10, Math.min(17, across / 14));
      pen.font = `600 ${size}px system-ui, sans-serif`;
      pen.letterSpacing = `${size * 0.28}px`;
      if (pen.measureText(place.name).width < across * 1.1) pen.fillText(place.name, x, y);
    }
    pen.letterSpacing = "0px";
  }
}

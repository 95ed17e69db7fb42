// Web Mercator between degrees, the unit square, and pixels of the map.

export const TILE_PX = 512;
const ZOOM_MIN = 1.5;
const ZOOM_MAX = 14;
const EARTH_M = 2 * Math.PI * 6_378_137;

export const mercatorX = (lon: number): number => lon / 360 + 0.5;

export function mercatorY(lat: number): number {
  const clamped = Math.max(-85, Math.min(85, lat)) * (Math.PI / 180);
  return 0.5 - Math.log(Math.tan(Math.PI / 4 + clamped / 2)) / (2 * Math.PI);
}

export const latOf = (y: number): number => (Math.atan(Math.sinh(Math.PI * (1 - 2 * y))) * 180) / Math.PI;
export const lonOf = (x: number): number => ((((x % 1) + 1) % 1) - 0.5) * 360;

export class Camera {
  x = 0.5;
  y = 0.4;
  zoom = 4;
  width = 1;
  height = 1;

  /** Pixels per unit square. */
  get scale(): number {
    return TILE_PX * 2 ** this.zoom;
  }

  /** Pixels across for a unit-square x, taking the shorter way round the earth. */
  screenX(x: number): number {
    const dx = x - this.x;
    return (dx - Math.round(dx)) * this.scale + this.width / 2;
  }

  screenY(y: number): number {
    return (y - this.y) * this.scale + this.height / 2;
  }

  at(px: number, py: number): { lat: number; lon: number } {
    return {
      lon: lonOf(this.x + (px - this.width / 2) / this.scale),
      lat: latOf(this.y + (py - this.height / 2) / this.scale),
    };
  }

  /** Pixels per metre on the ground at that unit-square y. */
  pixelsPerMetre(y: number): number {
    return this.scale / (EARTH_M * Math.cos((latOf(y) * Math.PI) / 180));
  }

  pan(dx_px: number, dy_px: number): void {
    this.x = (((this.x - dx_px / this.scale) % 1) + 1) % 1;
    this.y = Math.max(0.03, Math.min(0.97, this.y - dy_px / this.scale));
  }

  /** Zoom so that the place under the pixel stays under it. */
  zoomAt(px: number, py: number, steps: number): void {
    const before = this.scale;
    this.zoom = Math.max(ZOOM_MIN, Math.min(ZOOM_MAX, this.zoom + steps));
    const ratio = 1 / before - 1 / this.scale;
    this.pan(-(px - this.width / 2) * ratio * this.scale, -(py - this.height / 2) * ratio * this.scale);
  }

  fit([south, west, north, east]: [number, number, number, number], margin_px: number): void {
    const x0 = mercatorX(west);
    const x1 = mercatorX(east) + (east < west ? 1 : 0);
    const y0 = mercatorY(north);
    const y1 = mercatorY(south);
    this.x = (((x0 + x1) / 2) % 1 + 1) % 1;
    this.y = (y0 + y1) / 2;
    const across = Math.max(40, this.width - 2 * margin_px) / Math.max(x1 - x0, 1e-6);
    const down = Math.max(40, this.height - 2 * margin_px) / Math.max(y1 - y0, 1e-6);
    this.zoom = Math.max(ZOOM_MIN, Math.min(ZOOM_MAX, Math.log2(Math.min(across, down) / TILE_PX)));
  }
}

// Numbers as people read them: feet, knots, degrees and clock text exist only here.

const FEET = 1 / 0.3048;
const KNOTS = 3600 / 1852;
const NONE = "–";

export const feet = (metres: number): number => metres * FEET;
export const knots = (metres_s: number): number => metres_s * KNOTS;

export function count(value: number): string {
  return value.toLocaleString("en-GB");
}

export function height(metres: number): string {
  return Number.isFinite(metres) ? count(Math.round(feet(metres) / 100) * 100) : NONE;
}

export function speed(metres_s: number): string {
  return Number.isFinite(metres_s) ? String(Math.round(knots(metres_s))) : NONE;
}

export function heading(degrees: number): string {
  return Number.isFinite(degrees) ? String(Math.round(degrees) % 360).padStart(3, "0") + "°" : NONE;
}

/** Arrow for more than 300 ft/min; nothing for level flight. */
export function trend(climb_m_s: number): string {
  return climb_m_s > 1.5 ? "↑" : climb_m_s < -1.5 ? "↓" : "";
}

export function climb(metres_s: number): string {
  if (!Number.isFinite(metres_s)) return NONE;
  return `${trend(metres_s) || "→"} ${count(Math.abs(Math.round((feet(metres_s) * 60) / 50) * 50))} ft/min`;
}

export function age(seconds: number): string {
  if (!Number.isFinite(seconds)) return NONE;
  if (seconds < 0) return "0 s";
  if (seconds < 120) return `${Math.round(seconds)} s`;
  if (seconds < 7200) return `${Math.round(seconds / 60)} min`;
  return `${Math.round(seconds / 3600)} h`;
}

export function distance(metres: number): string {
  if (!Number.isFinite(metres)) return NONE;
  return metres < 1000 ? `${Math.round(metres)} m` : `${(metres / 1000).toFixed(metres < 10_000 ? 1 : 0)} km`;
}

/** Degrees and decimal minutes, as on a chart. */
export function angle(degrees: number, hemispheres: string, width: number): string {
  const minutes = Math.round(Math.abs(degrees) * 600) / 10;
  const whole = Math.floor(minutes / 60);
  const rest = (minutes - whole * 60).toFixed(1).padStart(4, "0");
  return `${String(whole).padStart(width, "0")}°${rest}′${hemispheres[degrees < 0 ? 1 : 0]}`;
}

export function position(lat: number, lon: number): string {
  return `${angle(lat, "NS", 2)} ${angle(lon, "EW", 3)}`;
}

export function clock(ns: number): string {
  return new Date(ns / 1e6).toISOString().slice(11, 19);
}

export function moment(ms: number): { date: string; time: string } {
  const text = new Date(ms).toISOString();
  return { date: text.slice(0, 10), time: text.slice(11, 19) };
}

/** Time left as m:ss, with a sign once it has passed. */
export function countdown(seconds: number): string {
  const whole = Math.abs(Math.round(seconds));
  return `${seconds < -0.5 ? "+" : ""}${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}

export function modeA(code: number): string {
  return code < 0 ? NONE : code.toString(8).padStart(4, "0");
}

export function address(icao24: number): string {
  return icao24 < 0 ? NONE : icao24.toString(16).toUpperCase().padStart(6, "0");
}

// Reads the binary picture frame of src/foedus/live/frame.py: views on the buffer, nothing copied.

const MAGIC = 0x53554446;
const VERSION = 2;

export const UNIDENTIFIED = 0;
export const TENTATIVE = 0;
export const COASTING = 2;
/** Identity of a track of which no authority has said anything. */
export const PENDING = 0;

export interface Frame {
  rows: number;
  sequence: number;
  /** Time of the picture in milliseconds since 1970. */
  time_ms: number;
  /** Tracks that the gateway could not place. */
  leftOut: number;
  /** 64-bit columns as pairs of 32-bit words, low word first. */
  callsign: Uint32Array;
  sources: Uint32Array;
  number: Int32Array;
  /** 1e-7 degree. */
  lat: Int32Array;
  lon: Int32Array;
  icao24: Int32Array;
  height_m: Float32Array;
  heading_deg: Float32Array;
  speed_m_s: Float32Array;
  climb_m_s: Float32Array;
  age_s: Float32Array;
  sigma_m: Float32Array;
  modeA: Int16Array;
  trackClass: Uint8Array;
  status: Uint8Array;
  identity: Uint8Array;
}

export function decodeFrame(buffer: ArrayBuffer): Frame {
  const head = new DataView(buffer);
  const magic = head.getUint32(0, true);
  const version = head.getUint16(4, true);
  if (magic !== MAGIC || version !== VERSION) {
    throw new Error(`found frame version ${version}, expected ${VERSION}: reload this page`);
  }
  const rows = head.getUint32(8, true);
  let at = head.getUint16(6, true);
  const next = (bytes: number): number => {
    const start = at;
    at += Math.ceil((rows * bytes) / 8) * 8;
    return start;
  };
  const frame = {
    rows,
    sequence: head.getUint32(12, true),
    time_ms: Number(head.getBigInt64(16, true) / 1_000_000n),
    leftOut: head.getUint32(24, true),
    callsign: new Uint32Array(buffer, next(8), rows * 2),
    sources: new Uint32Array(buffer, next(8), rows * 2),
    number: new Int32Array(buffer, next(4), rows),
    lat: new Int32Array(buffer, next(4), rows),
    lon: new Int32Array(buffer, next(4), rows),
    icao24: new Int32Array(buffer, next(4), rows),
    height_m: new Float32Array(buffer, next(4), rows),
    heading_deg: new Float32Array(buffer, next(4), rows),
    speed_m_s: new Float32Array(buffer, next(4), rows),
    climb_m_s: new Float32Array(buffer, next(4), rows),
    age_s: new Float32Array(buffer, next(4), rows),
    sigma_m: new Float32Array(buffer, next(4), rows),
    modeA: new Int16Array(buffer, next(2), rows),
    trackClass: new Uint8Array(buffer, next(1), rows),
    status: new Uint8Array(buffer, next(1), rows),
    identity: new Uint8Array(buffer, next(1), rows),
  };
  if (at !== buffer.byteLength) throw new Error(`found a frame of ${buffer.byteLength} bytes, expected ${at}`);
  return frame;
}

/** Whether the party of that bit stands behind the track. */
export function hasSource(frame: Frame, row: number, bit: number): boolean {
  return ((frame.sources[2 * row + (bit >> 5)]! >>> (bit & 31)) & 1) === 1;
}

const TEXTS_MAX = 50_000;
const texts = new Map<number, string>();

/** Callsign of a row; empty where unknown. Eight 6-bit characters, ICAO Annex 10 volume IV, 3.1.2.9.1.2. */
export function callsignOf(frame: Frame, row: number): string {
  const packed = frame.callsign[2 * row + 1]! * 2 ** 32 + frame.callsign[2 * row]!;
  if (packed === 0) return "";
  let text = texts.get(packed);
  if (text === undefined) {
    text = "";
    for (let shift = 42; shift >= 0; shift -= 6) {
      const code = Math.floor(packed / 2 ** shift) % 64;
      text += code >= 1 && code <= 26 ? String.fromCharCode(code + 64) : code >= 48 && code <= 57 ? code - 48 : " ";
    }
    text = text.trim();
    if (texts.size >= TEXTS_MAX) texts.clear();
    texts.set(packed, text);
  }
  return text;
}

/** What a person calls the track: its callsign, else its address, else its number. */
export function nameOf(frame: Frame, row: number): string {
  const callsign = callsignOf(frame, row);
  if (callsign) return callsign;
  const address = frame.icao24[row]!;
  return address >= 0 ? address.toString(16).toUpperCase().padStart(6, "0") : `#${frame.number[row]}`;
}

/** Row of a track number, or -1. */
export function rowOf(frame: Frame | null, number: number): number {
  return frame ? frame.number.indexOf(number) : -1;
}

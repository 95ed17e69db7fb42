// How a track looks: shape and colour by class, filling by status, a frame by declared identity. Never colour alone.
//   answers (cooperative): circle, blue        does not answer: four-lobed clover, yellow (unknown in APP-6)
//   confirmed: filled      tentative: outline  coasting: outline with a bar

export const SPRITE_PX = 22;
export const COOPERATIVE_COLOUR = "#56b4e9";
export const UNIDENTIFIED_COLOUR = "#f0e442";

const IDENTITIES = 7; // pending and six more: Identity in model.py
const PER_IDENTITY = 6;
export const LOOKS = IDENTITIES * PER_IDENTITY;

/** One number per look: three statuses for each of two classes for each declared identity. */
export const lookOf = (trackClass: number, status: number, identity: number): number =>
  Math.min(identity, IDENTITIES - 1) * PER_IDENTITY + (trackClass ? 1 : 0) * 3 + Math.min(status, 2);

export const isCooperative = (look: number): boolean => look % PER_IDENTITY >= 3;
export const colourOf = (look: number): string => (isCooperative(look) ? COOPERATIVE_COLOUR : UNIDENTIFIED_COLOUR);

/** Frame of a declared identity: an SVG path in the same box, its colour, and its dashes. */
export interface AffiliationFrame {
  outline: string;
  colour: string;
  dash: number[];
}

/** A sign inside a frame is drawn smaller, so that both are told apart. */
export const FRAMED_SCALE = 0.7;

const DASHED = [0.26, 0.18];
const CLOVER = "M-.55 -.55A.5 .5 0 0 1 .55 -.55A.5 .5 0 0 1 .55 .55A.5 .5 0 0 1 -.55 .55A.5 .5 0 0 1 -.55 -.55Z";
const ARCH = "M-.8 .85V-.05A.8 .8 0 0 1 .8 -.05V.85";
const SQUARE = "M-.8 .85V-.8H.8V.85";
const POINTED = "M-.8 .85V-.1L0 -.92L.8 -.1V.85";

/** By Identity in model.py. Shapes of an air track in APP-6 and MIL-STD-2525; dashed: assumed or suspected only. */
const FRAMES: (AffiliationFrame | null)[] = [
  null,
  { outline: CLOVER, colour: UNIDENTIFIED_COLOUR, dash: [] },
  { outline: ARCH, colour: COOPERATIVE_COLOUR, dash: DASHED },
  { outline: ARCH, colour: COOPERATIVE_COLOUR, dash: [] },
  { outline: SQUARE, colour: "#2fbf92", dash: [] },
  { outline: POINTED, colour: "#ff8a3d", dash: DASHED },
  { outline: POINTED, colour: "#ff6b6b", dash: [] },
];

export const frameOf = (look: number): AffiliationFrame | null => FRAMES[Math.floor(look / PER_IDENTITY)] ?? null;

/** The outline of a look as an SVG path in a box from -1 to 1. */
export function outlineOf(look: number): string {
  if (isCooperative(look)) {
    const r = look % 3 === 0 ? 0.34 : 0.42;
    return `M${-r} 0A${r} ${r} 0 1 1 ${r} 0A${r} ${r} 0 1 1 ${-r} 0Z`;
  }
  const a = 0.3;
  const r = 0.31;
  return (
    `M${-a} ${-a}A${r} ${r} 0 1 1 ${a} ${-a}A${r} ${r} 0 1 1 ${a} ${a}` +
    `A${r} ${r} 0 1 1 ${-a} ${a}A${r} ${r} 0 1 1 ${-a} ${-a}Z`
  );
}

export const isFilled = (look: number): boolean => look % 3 === 1;
export const hasBar = (look: number): boolean => look % 3 === 2;

/** Draw a look on a canvas whose origin is its centre. */
export function drawLook(pen: CanvasRenderingContext2D, look: number, size_px: number): void {
  const half = size_px / 2;
  pen.save();
  pen.scale(half, half);
  if (frameOf(look)) {
    drawFrame(pen, frameOf(look)!);
    pen.scale(FRAMED_SCALE, FRAMED_SCALE);
  }
  const path = new Path2D(outlineOf(look));
  pen.lineJoin = "round";
  pen.strokeStyle = "rgba(8, 13, 18, 0.9)";
  pen.lineWidth = 0.36;
  pen.stroke(path);
  pen.fillStyle = isFilled(look) ? colourOf(look) : "#0b1117";
  pen.fill(path);
  pen.strokeStyle = colourOf(look);
  pen.lineWidth = 0.15;
  pen.stroke(path);
  if (hasBar(look)) {
    pen.beginPath();
    pen.moveTo(-0.8, 0);
    pen.lineTo(0.8, 0);
    pen.lineWidth = 0.16;
    pen.stroke();
  }
  pen.restore();
}

function drawFrame(pen: CanvasRenderingContext2D, frame: AffiliationFrame): void {
  const path = new Path2D(frame.outline);
  pen.strokeStyle = "rgba(8, 13, 18, 0.9)";
  pen.lineWidth = 0.32;
  pen.stroke(path);
  pen.setLineDash(frame.dash);
  pen.strokeStyle = frame.colour;
  pen.lineWidth = 0.15;
  pen.stroke(path);
  pen.setLineDash([]);
}

/** All looks side by side, as a texture or a sheet to copy from. */
export function spriteSheet(ratio: number): HTMLCanvasElement {
  const size = Math.round(SPRITE_PX * ratio);
  const sheet = document.createElement("canvas");
  sheet.width = size * LOOKS;
  sheet.height = size;
  const pen = sheet.getContext("2d")!;
  for (let look = 0; look < LOOKS; look++) {
    pen.setTransform(1, 0, 0, 1, size * (look + 0.5), size / 2);
    drawLook(pen, look, size);
  }
  return sheet;
}

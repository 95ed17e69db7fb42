// How a track looks: shape and colour by class, filling by status. Never colour alone.
//   answers (cooperative): circle, blue        does not answer: four-lobed clover, yellow (unknown in APP-6)
//   confirmed: filled      tentative: outline  coasting: outline with a bar

export const SPRITE_PX = 22;
export const COOPERATIVE_COLOUR = "#56b4e9";
export const UNIDENTIFIED_COLOUR = "#f0e442";

/** One number per look: three statuses for each of two classes. */
export const lookOf = (trackClass: number, status: number): number => (trackClass ? 1 : 0) * 3 + Math.min(status, 2);
export const LOOKS = 6;

export const colourOf = (look: number): string => (look >= 3 ? COOPERATIVE_COLOUR : UNIDENTIFIED_COLOUR);

/** The outline of a look as an SVG path in a box from -1 to 1. */
export function outlineOf(look: number): string {
  if (look >= 3) {
    const r = look === 3 ? 0.34 : 0.42;
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

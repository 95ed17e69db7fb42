// Where labels go: greedily by priority, six slots round each symbol, the slot of the last time first.

export interface Label {
  number: number;
  x: number;
  y: number;
  lines: string[];
  colour: string;
  /** Lower is placed first. */
  priority: number;
}

const LINE_PX = 13;
const GAP_PX = 11;
const CELL_PX = 48;
const SLOTS: [dx: -1 | 0 | 1, dy: -1 | 0 | 1][] = [[1, -1], [1, 1], [-1, -1], [-1, 1], [1, 0], [-1, 0]];
const FONT = "500 11.5px ui-monospace, 'SF Mono', 'DejaVu Sans Mono', Menlo, Consolas, monospace";

export interface Box {
  left: number;
  top: number;
  right: number;
  bottom: number;
}

/** Boxes already taken, hashed by cell, so that a look-up touches few of them. */
class Taken {
  private readonly cells = new Map<number, Box[]>();

  private *keys(box: Box): Iterable<number> {
    for (let cx = Math.floor(box.left / CELL_PX); cx <= Math.floor(box.right / CELL_PX); cx++) {
      for (let cy = Math.floor(box.top / CELL_PX); cy <= Math.floor(box.bottom / CELL_PX); cy++) {
        yield cx * 4096 + cy;
      }
    }
  }

  add(box: Box): void {
    for (const key of this.keys(box)) {
      const cell = this.cells.get(key);
      if (cell) cell.push(box);
      else this.cells.set(key, [box]);
    }
  }

  meets(box: Box): boolean {
    for (const key of this.keys(box)) {
      for (const other of this.cells.get(key) ?? []) {
        if (box.left < other.right && box.right > other.left && box.top < other.bottom && box.bottom > other.top) {
          return true;
        }
      }
    }
    return false;
  }
}

export class Labels {
  private slots = new Map<number, number>();
  private width = 0;

  /** Draw as many labels as fit; a label that does not fit whole is tried with its first line alone. */
  draw(
    pen: CanvasRenderingContext2D, labels: Label[],
    symbols: { x: Float32Array; y: Float32Array; count: number }, boxes: Box[], width: number,
  ): void {
    this.width = width;
    pen.font = FONT;
    pen.textBaseline = "top";
    pen.textAlign = "left";
    pen.lineJoin = "round";
    const character = pen.measureText("0").width;
    const taken = new Taken();
    for (let i = 0; i < symbols.count; i++) {
      const x = symbols.x[i]!;
      const y = symbols.y[i]!;
      taken.add({ left: x - 6, right: x + 6, top: y - 6, bottom: y + 6 });
    }
    for (const box of boxes) taken.add(box);
    const kept = new Map<number, number>();
    labels.sort((a, b) => a.priority - b.priority || a.number - b.number);
    for (const label of labels) {
      const before = this.slots.get(label.number);
      for (let lines = label.lines.length; lines >= 1; lines--) {
        const slot = this.place(label, lines, character, before, taken);
        if (slot >= 0) {
          kept.set(label.number, slot);
          const box = boxOf(label, lines, slot, character);
          taken.add(box);
          write(pen, label, lines, slot, box);
          break;
        }
      }
    }
    this.slots = kept;
  }

  private place(label: Label, lines: number, character: number, before: number | undefined, taken: Taken): number {
    const fits = (slot: number): boolean => {
      const box = boxOf(label, lines, slot, character);
      return box.left >= 0 && box.right <= this.width && !taken.meets(box);
    };
    return before !== undefined && fits(before) ? before : SLOTS.findIndex((_, slot) => fits(slot));
  }
}

function boxOf(label: Label, lines: number, slot: number, character: number): Box {
  const [dx, dy] = SLOTS[slot]!;
  const longest = label.lines.slice(0, lines).reduce((most, line) => Math.max(most, line.length), 0);
  const width = longest * character;
  const height = lines * LINE_PX;
  const left = dx > 0 ? label.x + GAP_PX : label.x - GAP_PX - width;
  const top = dy === 0 ? label.y - height / 2 : dy > 0 ? label.y + 5 : label.y - 5 - height;
  return { left, top, right: left + width, bottom: top + height };
}

function write(pen: CanvasRenderingContext2D, label: Label, lines: number, slot: number, box: Box): void {
  const [dx] = SLOTS[slot]!;
  pen.strokeStyle = "rgba(160, 180, 198, 0.45)";
  pen.lineWidth = 1;
  pen.beginPath();
  pen.moveTo(label.x + dx * 6, label.y + Math.sign(box.top + box.bottom - 2 * label.y) * 3);
  pen.lineTo(dx > 0 ? box.left - 1 : box.right + 1, Math.max(box.top, Math.min(box.bottom, label.y)));
  pen.stroke();
  pen.strokeStyle = "rgba(8, 13, 18, 0.85)";
  pen.lineWidth = 3;
  for (let line = 0; line < lines; line++) {
    const y = box.top + line * LINE_PX;
    pen.strokeText(label.lines[line]!, box.left, y);
    pen.fillStyle = line === 0 ? label.colour : "#a9bccb";
    pen.fillText(label.lines[line]!, box.left, y);
  }
}

// Two ways to put many symbols on a canvas: WebGL2 points, and plain Canvas2D where WebGL would be emulated.

import { colourOf, isCooperative, LOOKS, SPRITE_PX, spriteSheet } from "./symbols";

/** What to draw, one entry per track in view; positions in CSS pixels. */
export interface Sprites {
  count: number;
  x: Float32Array;
  y: Float32Array;
  /** End of the leader; equal to x, y where there is none. */
  tipX: Float32Array;
  tipY: Float32Array;
  look: Uint8Array;
  alpha: Float32Array;
}

export function makeSprites(capacity: number): Sprites {
  const column = (): Float32Array => new Float32Array(capacity);
  return {
    count: 0, x: column(), y: column(), tipX: column(), tipY: column(),
    look: new Uint8Array(capacity), alpha: column(),
  };
}

export interface Renderer {
  readonly name: "webgl" | "canvas";
  draw(sprites: Sprites, width: number, height: number, ratio: number): void;
  /** Pixels that are not transparent, right after a draw. */
  ink(): number;
}

const VERTEX = `#version 300 es
layout(location = 0) in vec2 place;
layout(location = 1) in vec2 style;  // look, alpha
uniform vec2 view;
uniform float size;
out vec2 kind;
void main() {
  gl_Position = vec4(place / view * vec2(2.0, -2.0) + vec2(-1.0, 1.0), 0.0, 1.0);
  gl_PointSize = size;
  kind = style;
}`;

const POINT = `#version 300 es
precision mediump float;
in vec2 kind;
uniform sampler2D sheet;
out vec4 colour;
void main() {
  vec2 spot = vec2((floor(kind.x + 0.5) + gl_PointCoord.x) / ${LOOKS}.0, gl_PointCoord.y);
  colour = texture(sheet, spot) * kind.y;
}`;

const LEADER = `#version 300 es
precision mediump float;
in vec2 kind;
out vec4 colour;
void main() {
  vec3 ink = mod(kind.x + 0.5, 6.0) > 3.0 ? vec3(0.337, 0.706, 0.914) : vec3(0.941, 0.894, 0.259);
  float alpha = kind.y * 0.75;
  colour = vec4(ink * alpha, alpha);
}`;

class WebGLRenderer implements Renderer {
  readonly name = "webgl";
  private readonly points: WebGLProgram;
  private readonly leaders: WebGLProgram;
  private readonly pointBuffer: WebGLBuffer;
  private readonly leaderBuffer: WebGLBuffer;
  private pointData = new Float32Array(0);
  private leaderData = new Float32Array(0);
  private ratio = 0;

  constructor(private readonly gl: WebGL2RenderingContext) {
    this.points = this.program(POINT);
    this.leaders = this.program(LEADER);
    this.pointBuffer = gl.createBuffer();
    this.leaderBuffer = gl.createBuffer();
    gl.enable(gl.BLEND);
    gl.blendFunc(gl.ONE, gl.ONE_MINUS_SRC_ALPHA);
    gl.enableVertexAttribArray(0);
    gl.enableVertexAttribArray(1);
  }

  private program(fragment: string): WebGLProgram {
    const { gl } = this;
    const program = gl.createProgram();
    for (const [type, text] of [[gl.VERTEX_SHADER, VERTEX], [gl.FRAGMENT_SHADER, fragment]] as const) {
      const shader = gl.createShader(type)!;
      gl.shaderSource(shader, text);
      gl.compileShader(shader);
      gl.attachShader(program, shader);
    }
    gl.linkProgram(program);
    if (!gl.getProgramParameter(program, gl.LINK_STATUS)) throw new Error(gl.getProgramInfoLog(program) ?? "shader");
    return program;
  }

  private loadSheet(ratio: number): void {
    const { gl } = this;
    this.ratio = ratio;
    gl.bindTexture(gl.TEXTURE_2D, gl.createTexture());
    gl.pixelStorei(gl.UNPACK_PREMULTIPLY_ALPHA_WEBGL, true);
    gl.texImage2D(gl.TEXTURE_2D, 0, gl.RGBA, gl.RGBA, gl.UNSIGNED_BYTE, spriteSheet(ratio));
    gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MIN_FILTER, gl.LINEAR);
    gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_MAG_FILTER, gl.LINEAR);
    gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_WRAP_S, gl.CLAMP_TO_EDGE);
    gl.texParameteri(gl.TEXTURE_2D, gl.TEXTURE_WRAP_T, gl.CLAMP_TO_EDGE);
  }

  draw(sprites: Sprites, width: number, height: number, ratio: number): void {
    const { gl } = this;
    if (ratio !== this.ratio) this.loadSheet(ratio);
    this.fill(sprites);
    gl.viewport(0, 0, gl.drawingBufferWidth, gl.drawingBufferHeight);
    gl.clearColor(0, 0, 0, 0);
    gl.clear(gl.COLOR_BUFFER_BIT);
    this.pass(this.leaders, this.leaderBuffer, this.leaderData, width, height, 0, gl.LINES, sprites.count * 2);
    const size = SPRITE_PX * ratio;
    this.pass(this.points, this.pointBuffer, this.pointData, width, height, size, gl.POINTS, sprites.count);
  }

  private fill(sprites: Sprites): void {
    const { count } = sprites;
    if (this.pointData.length < count * 4) {
      this.pointData = new Float32Array(sprites.x.length * 4);
      this.leaderData = new Float32Array(sprites.x.length * 8);
    }
    const { pointData, leaderData } = this;
    for (let i = 0; i < count; i++) {
      const look = sprites.look[i]!;
      const alpha = sprites.alpha[i]!;
      const p = 4 * i;
      pointData[p] = leaderData[2 * p] = sprites.x[i]!;
      pointData[p + 1] = leaderData[2 * p + 1] = sprites.y[i]!;
      pointData[p + 2] = leaderData[2 * p + 2] = leaderData[2 * p + 6] = look;
      pointData[p + 3] = leaderData[2 * p + 3] = leaderData[2 * p + 7] = alpha;
      leaderData[2 * p + 4] = sprites.tipX[i]!;
      leaderData[2 * p + 5] = sprites.tipY[i]!;
    }
  }

  private pass(
    program: WebGLProgram, buffer: WebGLBuffer, data: Float32Array,
    width: number, height: number, size: number, mode: number, vertices: number,
  ): void {
    const { gl } = this;
    gl.useProgram(program);
    gl.uniform2f(gl.getUniformLocation(program, "view"), width, height);
    gl.uniform1f(gl.getUniformLocation(program, "size"), size);
    gl.bindBuffer(gl.ARRAY_BUFFER, buffer);
    gl.bufferData(gl.ARRAY_BUFFER, data.subarray(0, vertices * 4), gl.STREAM_DRAW);
    gl.vertexAttribPointer(0, 2, gl.FLOAT, false, 16, 0);
    gl.vertexAttribPointer(1, 2, gl.FLOAT, false, 16, 8);
    gl.drawArrays(mode, 0, vertices);
  }

  ink(): number {
    const { gl } = this;
    const pixels = new Uint8Array(gl.drawingBufferWidth * gl.drawingBufferHeight * 4);
    gl.readPixels(0, 0, gl.drawingBufferWidth, gl.drawingBufferHeight, gl.RGBA, gl.UNSIGNED_BYTE, pixels);
    return countInk(pixels);
  }
}

/** Leaders are stroked in pieces: one path of many thousand lines takes a software rasteriser seconds. */
const LEADERS_PER_PATH = 256;

class CanvasRenderer implements Renderer {
  readonly name = "canvas";
  private sheet: HTMLCanvasElement | null = null;
  private ratio = 0;

  constructor(private readonly pen: CanvasRenderingContext2D) {}

  draw(sprites: Sprites, width: number, height: number, ratio: number): void {
    const { pen } = this;
    if (!this.sheet || ratio !== this.ratio) {
      this.sheet = spriteSheet(ratio);
      this.ratio = ratio;
    }
    pen.setTransform(ratio, 0, 0, ratio, 0, 0);
    pen.clearRect(0, 0, width, height);
    this.leaders(sprites);
    const size = this.sheet.height;
    pen.setTransform(1, 0, 0, 1, 0, 0);
    for (let i = 0; i < sprites.count; i++) {
      pen.globalAlpha = sprites.alpha[i]!;
      const x = Math.round(sprites.x[i]! * ratio - size / 2);
      const y = Math.round(sprites.y[i]! * ratio - size / 2);
      pen.drawImage(this.sheet, sprites.look[i]! * size, 0, size, size, x, y, size, size);
    }
    pen.globalAlpha = 1;
  }

  private leaders(sprites: Sprites): void {
    const { pen } = this;
    pen.lineWidth = 1.2;
    pen.globalAlpha = 0.75;
    for (const cooperative of [false, true]) {
      pen.strokeStyle = colourOf(cooperative ? 3 : 0);
      let drawn = 0;
      pen.beginPath();
      for (let i = 0; i < sprites.count; i++) {
        if (isCooperative(sprites.look[i]!) !== cooperative || sprites.tipX[i] === sprites.x[i]) continue;
        pen.moveTo(sprites.x[i]!, sprites.y[i]!);
        pen.lineTo(sprites.tipX[i]!, sprites.tipY[i]!);
        if (++drawn % LEADERS_PER_PATH === 0) {
          pen.stroke();
          pen.beginPath();
        }
      }
      pen.stroke();
    }
    pen.globalAlpha = 1;
  }

  ink(): number {
    const { canvas } = this.pen;
    return countInk(this.pen.getImageData(0, 0, canvas.width, canvas.height).data);
  }
}

function countInk(pixels: Uint8Array | Uint8ClampedArray): number {
  let inked = 0;
  for (let i = 3; i < pixels.length; i += 4) if (pixels[i]! > 0) inked++;
  return inked;
}

const EMULATED = /swiftshader|llvmpipe|softpipe|software|basic render/i;

/** A renderer for the canvas: WebGL2 where a graphics processor is behind it, else Canvas2D. */
export function makeRenderer(canvas: HTMLCanvasElement, wanted: string | null): Renderer {
  if (wanted !== "canvas") {
    // Asked on a canvas of its own: a canvas that once gave WebGL never gives a 2D context.
    const probe = document.createElement("canvas").getContext("webgl2");
    const info = probe?.getExtension("WEBGL_debug_renderer_info");
    const device = probe ? String(probe.getParameter(info?.UNMASKED_RENDERER_WEBGL ?? probe.RENDERER)) : "";
    probe?.getExtension("WEBGL_lose_context")?.loseContext();
    if (probe && (wanted === "webgl" || !EMULATED.test(device))) {
      const gl = canvas.getContext("webgl2", { antialias: true, alpha: true });
      if (gl) return new WebGLRenderer(gl);
    }
  }
  return new CanvasRenderer(canvas.getContext("2d")!);
}

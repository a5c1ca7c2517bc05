/** A race on one canvas: the lit map with its lines, minima, and paths that grow. */

import { isolines } from "../player/core/isolines.mjs";
import { fieldOf, paint } from "../player/core/relief.mjs";

/**
 * @typedef {object} Given what the server sends, see figures/first_look.py
 * @property {[number, number, number, number]} bounds @property {boolean} isEqual
 * @property {{x: string, y: string, z: string}} map
 * @property {number[]} levels @property {Record<string, import("../player/core/relief.mjs").Look>} looks
 * @property {{x: number, y: number, is_global: boolean, kind: string}[]} minima
 * @property {number} steps @property {number[]} rows @property {[number, number, number]} shape
 * @property {[string, string]} paths
 *
 * @typedef {Omit<Given, "map"|"paths"> & {grid: {x: Float32Array, y: Float32Array, z: Float64Array[]},
 *   x: Float32Array, y: Float32Array}} Race
 */

const FULL = 65535;
const SLOWEST = 20, LONGEST = 12; // steps a second, seconds: as the player's clock
const LINE = 2.5, HALO = 5.5, HEAD = 6; // px

/** @param {string} text @returns {ArrayBuffer} */
const bytes = (text) => Uint8Array.from(atob(text), (c) => c.charCodeAt(0)).buffer;

/** @param {Given} given @returns {Race} */
export function decode({ map, paths, ...rest }) {
  const x = new Float32Array(bytes(map.x)), y = new Float32Array(bytes(map.y)), z = new Uint16Array(bytes(map.z));
  const width = x.length;
  const rows = Array.from(y, (_, j) => Float64Array.from(z.subarray(j * width, (j + 1) * width), (v) => v / FULL));
  const [px, py] = paths.map((path) => new Float32Array(bytes(path)));
  return { ...rest, grid: { x, y, z: rows }, x: px, y: py };
}

export class Look {
  /**
   * @param {HTMLCanvasElement} canvas @param {Race} race @param {string} theme
   * @param {number[]} [slots] of the runs, from 1; left out: in their order
   */
  constructor(canvas, race, theme, slots) {
    this.slots = slots ?? Array.from({ length: race.shape[0] }, (_, run) => run + 1);
    this.canvas = canvas;
    this.race = race;
    this.look = race.looks[theme] ?? race.looks.light;
    this.field = fieldOf(race.grid, 1, this.look);
    this.ground = document.createElement("canvas");
    this.from = NaN; // ms, when step 0 was shown
    this.isOver = false;
    /** The page's clock, when it has come: the step. @type {(() => number)|null} */
    this.clock = null;
    this.resized = new ResizeObserver(() => this.#fit());
    this.resized.observe(canvas);
  }

  /** The step that is shown. */
  get step() {
    if (this.clock) return this.clock();
    const { steps } = this.race, rate = Math.max(SLOWEST, steps / LONGEST);
    if (matchMedia("(prefers-reduced-motion: reduce)").matches) return steps;
    return Number.isNaN(this.from) ? 0 : Math.min(steps, ((performance.now() - this.from) / 1000) * rate);
  }

  play() {
    this.#fit();
    const frame = () => {
      if (this.isOver) return;
      if (Number.isNaN(this.from)) this.from = performance.now();
      this.#draw();
      requestAnimationFrame(frame);
    };
    requestAnimationFrame(frame);
  }

  /** The page is there: stand in the place of its map. @param {HTMLElement} stage */
  moveTo(stage) {
    this.canvas.classList.add("is-moved");
    stage.append(this.canvas);
    document.getElementById("first")?.remove();
  }

  /** The page's own map is there. */
  end() {
    this.isOver = true;
    this.resized.disconnect();
    this.canvas.remove();
    document.getElementById("first")?.remove();
  }

  #fit() {
    const { canvas } = this, { clientWidth: width, clientHeight: height } = canvas;
    if (!width || !height) return;
    const ratio = Math.min(2, window.devicePixelRatio || 1);
    [canvas.width, canvas.height] = [Math.round(width * ratio), Math.round(height * ratio)];
    this.ratio = ratio;
    this.#project(width, height);
    this.#drawGround();
    this.#draw();
  }

  /** The region in the middle, with scales as the map has them. @param {number} width @param {number} height */
  #project(width, height) {
    const [left, right, low, high] = this.race.bounds;
    let across = width / (right - left), up = height / (high - low);
    if (this.race.isEqual) across = up = Math.min(across, up);
    const middle = [(left + right) / 2, (low + high) / 2];
    this.toX = (/** @type {number} */ x) => width / 2 + (x - middle[0]) * across;
    this.toY = (/** @type {number} */ y) => height / 2 - (y - middle[1]) * up;
    const step = 1 / (across * this.ratio), rise = 1 / (up * this.ratio);
    this.xs = { from: middle[0] - width / 2 / across + step / 2, step, count: this.canvas.width };
    this.ys = { from: middle[1] + height / 2 / up - rise / 2, step: -rise, count: this.canvas.height };
  }

  #drawGround() {
    const { ground, canvas, race, ratio } = this;
    [ground.width, ground.height] = [canvas.width, canvas.height];
    const ctx = ground.getContext("2d"), image = ctx.createImageData(ground.width, ground.height);
    paint(this.field, this.look, this.xs, this.ys, image.data);
    ctx.putImageData(image, 0, 0);
    ctx.scale(ratio, ratio);
    const style = getComputedStyle(document.documentElement);
    ctx.beginPath();
    isolines(this.field, race.levels, (x0, y0, x1, y1) => {
      ctx.moveTo(this.toX(x0), this.toY(y0));
      ctx.lineTo(this.toX(x1), this.toY(y1));
    });
    ctx.strokeStyle = style.getPropertyValue("--ink");
    ctx.globalAlpha = 0.28;
    ctx.lineWidth = 0.75;
    ctx.stroke();
    ctx.globalAlpha = 1;
    ctx.strokeStyle = style.getPropertyValue("--ink");
    ctx.lineWidth = 2;
    for (const { x, y, kind } of race.minima) {
      if (kind === "curve") continue;
      ctx.beginPath();
      ctx.arc(this.toX(x), this.toY(y), 9, 0, 7);
      ctx.stroke();
    }
  }

  #draw() {
    const { canvas, ground, race, ratio } = this, ctx = canvas.getContext("2d");
    if (!ground.width || !this.toX) return;
    ctx.setTransform(1, 0, 0, 1, 0, 0);
    ctx.drawImage(ground, 0, 0);
    ctx.setTransform(ratio, 0, 0, ratio, 0, 0);
    const style = getComputedStyle(document.documentElement), [runs, lanes, count] = race.shape, { step } = this;
    const last = Math.max(0, race.rows.findLastIndex((row) => row <= step));
    ctx.lineJoin = ctx.lineCap = "round";
    for (let run = 0; run < runs; run++) {
      for (let lane = 0; lane < lanes; lane++) {
        const colour = style.getPropertyValue(`--run-${this.slots[run] - 1}`);
        this.#path(ctx, (run * lanes + lane) * count, last, colour, style, lanes);
      }
    }
  }

  /**
   * @param {CanvasRenderingContext2D} ctx @param {number} base of its points @param {number} last row
   * @param {string} colour @param {CSSStyleDeclaration} style @param {number} lanes
   */
  #path(ctx, base, last, colour, style, lanes) {
    const { x, y } = this.race;
    let end = 0;
    ctx.beginPath();
    for (let row = 0; row <= last && x[base + row] === x[base + row]; row++) {
      ctx.lineTo(this.toX(x[base + row]), this.toY(y[base + row]));
      end = row;
    }
    const thin = lanes > 1 ? 0.5 : 1, halo = style.getPropertyValue("--halo");
    for (const [width, ink] of /** @type {[number, string][]} */ ([[HALO, halo], [LINE, colour]])) {
      ctx.lineWidth = width * thin;
      ctx.strokeStyle = ink;
      ctx.stroke();
    }
    ctx.beginPath();
    ctx.arc(this.toX(x[base + end]), this.toY(y[base + end]), HEAD * thin, 0, 7);
    ctx.fillStyle = colour;
    ctx.strokeStyle = halo;
    ctx.lineWidth = 1.5;
    ctx.fill();
    ctx.stroke();
  }
}

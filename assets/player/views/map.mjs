/** The overlay of the contour map: paths, step dots, heads, minima and the start. */

import { drawMarks } from "./arrows.mjs";
import { curveLines } from "./describe.mjs";
import { isCrowded, label, minimumSign } from "./draw.mjs";
import { compact } from "../core/format.mjs";
import { Ground } from "./ground.mjs";
import { readCurve } from "./loss_curve.mjs";
import * as oneWeight from "./one_weight.mjs";
import { Overlay } from "./overlay.mjs";
import { readProjection2d, toPixel, toValue } from "./projection2d.mjs";
import { drawCross, drawField } from "./steering.mjs";
import { clip, MOVE, SEEN } from "./trail.mjs";

/** @typedef {import("../core/theme.mjs").Theme} Theme */

const STAR = 22, RING = 20; // px
const BEYOND = 300; // px around the plot up to which lines are kept; the rest is cut off
const LABEL_AT = [16, 8]; // px from the minimum to its loss value
const UNDER = 24; // px: the same below a curve

export class MapOverlay extends Overlay {
  constructor() {
    super("map-stage", "map", { line: 2.5, halo: 5.5, future: 1.5, head: 13, dots: true, answers: true });
    this.ground = new Ground();
    this.isPrinted = false; // a copy, that has its ground in `images` alone
    /** @type {import("./projection2d.mjs").Projection2d|null} */
    this.projection = null;
    /** Of a surface of one weight. @type {import("./loss_curve.mjs").LossCurve|null} */
    this.curve = null;
    /** By how much heads stand above the curve, px. @type {Map<import("./overlay.mjs").Series, number>} */
    this.lifts = new Map();
    /** @type {import("../core/stream.mjs").Minimum[]} */
    this.minima = [];
    /** Where a start is being dragged to. @type {{x: number, y: number}|null} */
    this.dragged = null;
    /** What a closer look shows on the map. @type {import("./arrows.mjs").Marks|null} */
    this.marks = null;
    /** Arrows that point downhill. @type {import("./steering.mjs").Field|null} */
    this.field = null;
    /** The place that is read. @type {{x: number, y: number}|null} */
    this.cross = null;
    /** Where someone thinks a run will end. @type {{x: number, y: number}|null} */
    this.guess = null;
  }

  sync() {
    const now = readProjection2d(this.graph);
    if (!now) return "gone";
    const curve = readCurve(this.graph, this.curve);
    const moved = now.key !== this.projection?.key || curve !== this.curve;
    this.projection = now;
    this.curve = curve;
    this.plot = { left: now.x.offset, top: now.y.offset, width: now.x.length, height: now.y.length };
    return moved ? "moved" : "same";
  }

  /** @type {Overlay["draw"]} */
  draw(frame) {
    const drawn = super.draw(frame);
    if (this.stack && !this.dirty && !this.isPrinted) this.#drawGround();
    return drawn;
  }

  #drawGround() {
    const { stack, graph, projection, plot, ground } = this;
    ground.update(stack.stage, graph, projection, plot, stack.ratio, performance.now());
  }

  /** What lies below the lines, for a picture. @param {number} scale pixels a CSS px @returns {object[]} */
  images(scale) {
    return this.projection ? this.ground.image(this.graph, this.projection, this.plot, scale) : [];
  }

  /** CSS px in the stage of a point on the map. @param {number} x @param {number} y */
  toPixels(x, y) {
    const { projection, curve } = this;
    return { x: toPixel(projection.x, x), y: toPixel(projection.y, curve ? curve.over(x) : y) };
  }

  /** The point on the map under a CSS px of the stage; null outside the plot. @param {number} px @param {number} py */
  toData(px, py) {
    const { left, top, width, height } = this.plot;
    if (!this.projection || px < left || px > left + width || py < top || py > top + height) return null;
    return { x: toValue(this.projection.x, px), y: this.curve ? 0 : toValue(this.projection.y, py) };
  }

  /** @type {Overlay["describe"]} */
  describe(series, row) {
    return this.curve && !series.isAnswer ? curveLines(this.store, series, row) : super.describe(series, row);
  }

  /** @type {Overlay["locate"]} */
  locate(series, row, isHead) {
    if (this.curve) return oneWeight.locate(this, series, row, isHead);
    const { store, spot, projection } = this;
    const { run, lane } = series, base = lane * store.rows;
    const inside = Math.min(row, store.alive[run][lane] - 1);
    const i = Math.floor(inside), part = inside - i;
    const x = series.isAnswer ? store.xEval[run] : store.x[run];
    const y = series.isAnswer ? store.yEval[run] : store.y[run];
    if (i < 0) {
      spot.x = NaN;
      return spot;
    }
    spot.x = toPixel(projection.x, x[base + i]);
    spot.y = toPixel(projection.y, y[base + i]);
    if (part > 0) {
      spot.x += part * (toPixel(projection.x, x[base + i + 1]) - spot.x);
      spot.y += part * (toPixel(projection.y, y[base + i + 1]) - spot.y);
    }
    spot.by = SEEN;
    return spot;
  }

  /**
   * The place at the edge of the map for a head that has left it; null for one that has not.
   * @param {number} x @param {number} y @param {number} size
   */
  outside(x, y, size) {
    const { left, top, width, height } = this.plot;
    if (x >= left && x <= left + width && y >= top && y <= top + height) return null;
    const at = {
      x: Math.min(Math.max(x, left + size), left + width - size),
      y: Math.min(Math.max(y, top + size), top + height - size),
    };
    return { ...at, angle: Math.atan2(y - at.y, x - at.x) };
  }

  /** Cuts what is far outside: dashes along a line of a million px would take seconds. @type {Overlay["extend"]} */
  extend(series, from, to) {
    const { left, top, width, height } = this.plot, { trail } = series;
    const box = { left: left - BEYOND, right: left + width + BEYOND, low: top - BEYOND, high: top + height + BEYOND };
    let x0 = NaN, y0 = NaN;
    if (from > 0) ({ x: x0, y: y0 } = this.locate(series, from - 1, false));
    for (let row = from; row < to; row++) {
      const { x, y } = this.locate(series, row, false);
      const part = row === 0 ? clip(x, y, x, y, box) : clip(x0, y0, x, y, box);
      if (part && row === 0) trail.add(x, y, row, MOVE);
      else if (part) {
        if (part[0] > 0 || !trail.size) trail.add(x0 + part[0] * (x - x0), y0 + part[0] * (y - y0), row - 1, MOVE);
        trail.add(x0 + part[1] * (x - x0), y0 + part[1] * (y - y0), row, SEEN);
      }
      [x0, y0] = [x, y];
    }
  }

  /** @type {Overlay["drawUnder"]} */
  drawUnder(ctx, { theme }) {
    const { scale, textScale, ink, halo } = theme;
    if (this.field) drawField(ctx, this, this.field, theme);
    const font = `600 ${13 * textScale}px ${theme.font}`;
    const many = isCrowded(this.minima), sizes = { star: STAR, ring: RING, squash: 1, many };
    for (const lowest of this.minima) {
      const { x, y, loss, is_global: isGlobal, kind } = lowest, at = this.toPixels(x, y), { curve } = this;
      if (curve) at.y = curve.pixel(this.projection, curve.upward(loss));
      minimumSign(ctx, at, lowest, sizes, theme);
      if (kind === "curve" || (many && !isGlobal)) continue; // a hundred numbers would hide the map
      if (curve) label(ctx, compact(loss, 3), at.x, at.y + UNDER * scale, { font, ink, halo, align: "center" });
      else label(ctx, compact(loss, 3), at.x + LABEL_AT[0] * scale, at.y + LABEL_AT[1] * scale, { font, ink, halo });
    }
    if (this.curve) oneWeight.drawName(ctx, this, theme);
    if (this.guess) this.#drawGuess(ctx, theme);
  }

  /**
   * A cross in ink: a guess is no run, and so has no colour.
   * @param {CanvasRenderingContext2D} ctx @param {Theme} theme
   */
  #drawGuess(ctx, { scale, textScale, ink, halo, font }) {
    const { x, y } = this.toPixels(this.guess.x, this.guess.y), arm = 7 * scale;
    for (const [width, colour] of /** @type {[number, string][]} */ ([[5.5, halo], [2, ink]])) {
      ctx.beginPath();
      for (const side of [-1, 1]) {
        ctx.moveTo(x - arm, y - side * arm);
        ctx.lineTo(x + arm, y + side * arm);
      }
      ctx.lineWidth = width * scale;
      ctx.strokeStyle = colour;
      ctx.stroke();
    }
    const small = `400 ${12 * textScale}px ${font}`;
    label(ctx, "your guess", x, y - 16 * scale, { font: small, ink, halo, align: "center" });
  }

  /** The start lies above the lines that leave it. @type {Overlay["drawUnderHeads"]} */
  drawUnderHeads(ctx, frame) {
    const { theme, store } = frame;
    if (store?.received && !this.crowded) this.#drawStarts(ctx, theme, store);
    if (store?.received && this.curve) oneWeight.drawSteps(ctx, this, frame);
    if (this.marks) drawMarks(ctx, this, theme);
    if (this.cross) drawCross(ctx, this, this.cross, theme);
  }

  /** @param {CanvasRenderingContext2D} ctx @param {Theme} theme @param {import("../core/store.mjs").RunStore} store */
  #drawStarts(ctx, { scale, textScale, ink, halo, font }, store) {
    for (let lane = 0; lane < store.lanes; lane++) {
      const k = lane * store.rows;
      const at = this.dragged ?? { x: store.x[0][k], y: store.y[0][k] };
      const { x, y } = this.toPixels(at.x, at.y);
      ctx.beginPath();
      ctx.arc(x, y, (store.lanes > 1 ? 2.5 : 4) * scale, 0, 7);
      ctx.fillStyle = ink;
      ctx.strokeStyle = halo;
      ctx.lineWidth = 1.5;
      ctx.fill();
      ctx.stroke();
      if (store.lanes > 1) continue;
      const below = y + 16 * scale < this.plot.top + this.plot.height - 8 ? 16 : -16;
      const small = `400 ${12 * textScale}px ${font}`;
      label(ctx, "start", x, y + below * scale, { font: small, ink, halo, align: "center" });
    }
  }
}

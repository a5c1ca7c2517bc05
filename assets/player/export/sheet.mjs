/** What a picture or a frame of a film shows: views, title, who is who, scale and step. */

import { el } from "../core/dom.mjs";
import { compact } from "../core/format.mjs";
import { pageRoot } from "../core/theme.mjs";
import { KINDS, LAB_KINDS } from "../core/values.mjs";
import { headingOf } from "../views/curves_head.mjs";
import { head, label, symbolOf } from "../views/draw.mjs";
import { dotInterval, ends } from "../views/key.mjs";
import { beside } from "./names.mjs";
import { LINE, MOST_LINES, PAD, TITLE } from "./plan.mjs";
import { stepText, titleOf } from "./title.mjs";

/**
 * @typedef {import("./twin.mjs").Twin} Twin
 * @typedef {import("../core/store.mjs").RunStore} RunStore
 * @typedef {import("../core/theme.mjs").Theme} Theme
 * @typedef {CanvasRenderingContext2D} Pen or `SvgPen`, which knows what is used here
 * @typedef {import("./plan.mjs").Box} Box
 * @typedef {import("./plan.mjs").Plan} Plan
 */

const MOST_NAMES = 8; // runs whose names stand beside their heads
const MOST_OF_A_NAME = 160; // px of one there

/** A text cut to the room there is. @param {Pen} ctx @param {string} text @param {number} room */
function fitted(ctx, text, room) {
  let cut = text;
  while (cut.length > 3 && ctx.measureText(cut).width > room) cut = `${cut.slice(0, -2)}…`;
  return cut;
}

export class Sheet {
  /**
   * @param {Plan} plan @param {Record<string, Twin>} twins as many as the plan has views
   * @param {RunStore} store @param {Theme} theme @param {number} density device px a CSS px
   */
  constructor(plan, twins, store, theme, density) {
    this.plan = plan;
    this.twins = twins;
    this.store = store;
    this.theme = theme;
    this.density = density;
    this.isVector = false;
    this.canvas = el("canvas");
    this.back = el("canvas"); // what stays
    for (const canvas of [this.canvas, this.back]) {
      // Encoders want even numbers.
      [canvas.width, canvas.height] = [plan.width, plan.height].map((px) => 2 * Math.round((px * density) / 2));
    }
    this.ctx = this.#pen(this.canvas);
  }

  /** @param {HTMLCanvasElement} canvas */
  #pen(canvas) {
    const ctx = canvas.getContext("2d", { alpha: false, willReadFrequently: true });
    ctx.setTransform(this.density, 0, 0, this.density, 0, 0);
    ctx.textBaseline = "middle";
    return ctx;
  }

  /** What stays: the graphs, the title, the names and the scale. */
  begin() {
    const ctx = this.#pen(this.back), { theme, plan: { width, height, views } } = this;
    ctx.fillStyle = theme.paper;
    ctx.fillRect(0, 0, width, height);
    for (const [name, { x, y, width: wide, height: tall }] of Object.entries(views)) {
      ctx.drawImage(this.twins[name].ground, x, y, wide, tall);
    }
    this.#say(ctx);
  }

  /** The words that stay. @param {Pen} ctx */
  #say(ctx) {
    const { theme, plan: { width, views } } = this;
    ctx.textBaseline = "middle";
    ctx.fillStyle = theme.ink;
    ctx.font = `600 18px ${theme.font}`;
    ctx.fillText(fitted(ctx, titleOf(this.store.header), width - 2 * PAD), PAD, TITLE / 2 + 1);
    if (views.curves) this.#writeHeading(ctx, views.curves);
    if (!this.#isLine) this.#writeRuns(ctx);
  }

  /** What the curves show. @param {Pen} ctx @param {Box} box */
  #writeHeading(ctx, { x, y }) {
    const { theme, store, twins } = this;
    const curves = /** @type {import("../views/curves.mjs").CurvesOverlay} */ (twins.curves.view);
    const { title, notes } = headingOf(curves, store.header.kind ? LAB_KINDS : KINDS);
    ctx.font = `600 13px ${theme.font}`;
    ctx.fillText(title, x, y - LINE / 2);
    const at = x + ctx.measureText(title).width + 8;
    ctx.font = `400 12px ${theme.font}`;
    ctx.fillStyle = theme.ink2;
    ctx.fillText(notes, at, y - LINE / 2);
  }

  /** Is there a single line of text? */
  get #isLine() {
    return this.plan.text.height <= LINE;
  }

  /** @param {Pen} ctx */
  #writeRuns(ctx) {
    const { theme, store, plan: { text: { x, y, width } } } = this, { runs } = store.header;
    runs.slice(0, MOST_LINES).forEach(({ label: name }, run) => {
      const at = y + (run + 1.5) * LINE, colour = theme.runs[run];
      head(ctx, { symbol: symbolOf(run), x: x + 7, y: at, size: 11, colour, paper: theme.paper, edge: 1 });
      ctx.fillStyle = theme.ink;
      ctx.font = `500 13px ${theme.font}`;
      const isCut = run === MOST_LINES - 1 && runs.length > MOST_LINES;
      ctx.fillText(isCut ? `and ${runs.length - run} more` : fitted(ctx, name, width - 92), x + 22, at);
    });
    this.#writeScale(ctx, y + (Math.min(runs.length, MOST_LINES) + 1.7) * LINE);
  }

  /** What the tints of the map mean, and what its dots do. @param {Pen} ctx @param {number} y */
  #writeScale(ctx, y) {
    const { theme, store, twins, plan: { text: { x, width } } } = this;
    const meta = (twins.map ?? twins.scene).view.graph.layout.meta ?? {};
    const { best = 0, top, zmax, unit = 1, word = "loss", scale = "log" } = meta;
    const high = meta.kind ? NaN : top ?? zmax, style = getComputedStyle(pageRoot());
    ctx.font = `400 12px ${theme.font}`;
    ctx.fillStyle = theme.ink2;
    let at = x;
    if (Number.isFinite(high)) {
      const [least, most] = ends(high, { best, unit, scale }), bar = Math.min(96, width / 3);
      /** @param {string} said */
      const say = (said) => {
        ctx.fillStyle = theme.ink2;
        ctx.fillText(said, at, y);
        at += ctx.measureText(said).width + 5;
      };
      say(`${word} ${least}`);
      const tint = ctx.createLinearGradient(at, 0, at + bar, 0);
      [0, 0.35, 0.7, 1].forEach((stop, i) =>
        tint.addColorStop(stop, style.getPropertyValue(`--ramp-${i}`).trim() || theme.hairline));
      ctx.fillStyle = tint;
      ctx.fillRect(at, y - 4, bar, 8);
      ctx.strokeStyle = theme.edge;
      ctx.lineWidth = 0.75;
      ctx.strokeRect(at, y - 4, bar, 8);
      at += bar + 5;
      say(`${most}, ${scale}`);
    }
    if (meta.kind === "curve") ctx.fillText(`${word}, ${scale} scale`, x, y);
    if (!twins.map || twins.map.view.crowded || this.isVector) return; // in vectors there are no dots
    ctx.beginPath();
    ctx.arc(x + 4, y + LINE, 3, 0, 7);
    ctx.strokeStyle = theme.ink2;
    ctx.lineWidth = 1.5;
    ctx.stroke();
    ctx.fillStyle = theme.ink2;
    const dots = meta.kind === "curve" ? `where it has been${store.stride === 1 ? ", → next step" : ""}`
      : `every ${dotInterval(store.steps)} steps`;
    ctx.fillText(dots, x + 14, y + LINE);
  }

  /** Bring the views to a step; its row. @param {number} time fractional step */
  #move(time) {
    const { store, theme } = this, row = Math.min(store.rowAt(time), store.received - 1);
    const map = /** @type {import("../views/map.mjs").MapOverlay|undefined} */ (this.twins.map?.view);
    const dotEvery = map?.curve ? store.stride : dotInterval(store.steps);
    const frame = { store, row, resting: false, theme, themeVersion: 1, dotEvery };
    for (const twin of Object.values(this.twins)) twin.draw(frame, time);
    return row;
  }

  /** The picture at a step. @param {number} time fractional step */
  draw(time) {
    const { ctx, twins, plan: { width, height, views } } = this, row = this.#move(time);
    ctx.drawImage(this.back, 0, 0, width, height);
    for (const [name, { x, y, width: wide, height: tall }] of Object.entries(views)) {
      const { layers } = twins[name].view.stack;
      for (const { canvas } of Object.values(layers)) ctx.drawImage(canvas, x, y, wide, tall);
    }
    this.#write(ctx, Math.floor(time + 1e-6), row);
  }

  /** All that is written, with another pen. @param {Pen} pen @param {number} time fractional step */
  write(pen, time) {
    this.isVector = true;
    this.#say(pen);
    this.#write(pen, Math.floor(time + 1e-6), this.#move(time));
  }

  /** Names beside the heads. @param {Pen} ctx @param {string} name of a view @param {number} row */
  #name(ctx, name, row) {
    const { store, theme, twins: { [name]: { view } }, plan: { views: { [name]: box } } } = this;
    const { runs } = store.header;
    if (store.lanes > 1 || store.runs > MOST_NAMES || !view.isDrawn || view.isGone) return;
    const font = `600 12px ${theme.font}`, { left, top, width, height } = view.plot;
    const heads = view.series.flatMap((series) => {
      const { x, y } = view.locate(series, row, true);
      return x >= left && x <= left + width && y >= top && y <= top + height ? [{ run: series.run, x, y }] : [];
    });
    ctx.font = font;
    const names = runs.map((run) => fitted(ctx, run.label, MOST_OF_A_NAME));
    const widthOf = (/** @type {number} */ run) => ctx.measureText(names[run]).width;
    for (const { run, x, y, align } of beside(heads, view.plot, widthOf)) {
      const colours = { ink: theme.runs[run], halo: theme.halo };
      label(ctx, names[run], box.x + x, box.y + y, { font, align, ...colours });
    }
  }

  /** The names, the step, and the losses at it. @param {Pen} ctx @param {number} step @param {number} row */
  #write(ctx, step, row) {
    const { theme, store, plan: { views, text: { x, y, width } } } = this;
    for (const name of Object.keys(views)) if (name !== "curves") this.#name(ctx, name, row);
    ctx.textAlign = "left";
    ctx.textBaseline = "middle";
    ctx.fillStyle = theme.ink;
    ctx.font = `600 15px ${theme.font}`;
    ctx.fillText(stepText(store, step), x, y + LINE / 2);
    if (this.#isLine || store.lanes > 1) return;
    ctx.font = `400 12px ${theme.font}`;
    ctx.fillStyle = theme.ink2;
    ctx.textAlign = "right";
    for (let run = 0; run < Math.min(store.runs, MOST_LINES); run++) {
      const loss = store.point(run, 0, Math.floor(row + 1e-6))?.loss;
      ctx.fillText(compact(loss, 3), x + width, y + (run + 1.5) * LINE);
    }
    ctx.fillText("loss", x + width, y + LINE / 2);
    ctx.textAlign = "left";
  }
}

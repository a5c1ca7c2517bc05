/** The canvas that a film is recorded from: the visible views, and who is who. */

import { surfaceName } from "../core/looks.mjs";
import { shorten } from "../views/curves.mjs";
import { head, symbolOf } from "../views/draw.mjs";

const PAD = 12, LINE = 22, LEAST_TEXT = 200; // px
const WIDEST = 1920; // device px: more makes encoders slow

/** @typedef {{view: import("../views/overlay.mjs").Overlay, x: number, y: number}} Place */

/** Map and scene beside each other, curves below them. @param {import("../views/overlay.mjs").Overlay[]} views */
function arrange(views) {
  const above = views.filter((view) => view.graphId !== "curves");
  const below = views.filter((view) => view.graphId === "curves");
  /** @type {Place[]} */
  const places = [];
  let width = PAD, bottom = PAD;
  for (const view of above) {
    places.push({ view, x: width, y: PAD });
    width += view.stack.width + PAD;
    bottom = Math.max(bottom, PAD + view.stack.height + PAD);
  }
  const text = { x: PAD, y: bottom };
  let height = bottom;
  for (const view of below) {
    places.push({ view, x: PAD, y: bottom });
    height = bottom + view.stack.height + PAD;
    text.x = PAD + view.stack.width + 2 * PAD;
    width = Math.max(width, text.x - PAD);
  }
  if (width - text.x < LEAST_TEXT && below.length) Object.assign(text, { x: PAD, y: height });
  return { places, width, height, text };
}

export class Sheet {
  /**
   * @param {import("../views/overlay.mjs").Overlay[]} views
   * @param {import("../core/store.mjs").RunStore} store @param {import("../core/theme.mjs").Theme} theme
   */
  constructor(views, store, theme) {
    this.store = store;
    this.theme = theme;
    const { places, width, height, text } = arrange(views);
    this.places = places;
    this.text = text;
    this.room = width - text.x - 22 - PAD; // for a name
    const size = [width, Math.max(height, text.y + (store.runs + 2) * LINE + PAD)];
    this.ratio = Math.min(Math.max(1, ...views.map((view) => view.stack.ratio)), WIDEST / width);
    this.canvas = document.createElement("canvas");
    // Encoders want even numbers.
    [this.canvas.width, this.canvas.height] = size.map((px) => 2 * Math.ceil((px * this.ratio) / 2));
    this.ctx = this.canvas.getContext("2d", { alpha: false });
  }

  /** @param {Map<import("../views/overlay.mjs").Overlay, HTMLImageElement>} stills @param {number} step */
  draw(stills, step) {
    const { ctx, ratio, theme } = this;
    ctx.setTransform(ratio, 0, 0, ratio, 0, 0);
    ctx.fillStyle = theme.paper;
    ctx.fillRect(0, 0, this.canvas.width, this.canvas.height);
    for (const { view, x, y } of this.places) {
      const { stack, graph } = view;
      ctx.drawImage(stills.get(view), x, y, graph.clientWidth, graph.clientHeight);
      for (const { canvas } of Object.values(stack.layers)) ctx.drawImage(canvas, x, y, stack.width, stack.height);
    }
    this.#write(step);
  }

  /** @param {number} step */
  #write(step) {
    const { ctx, theme, text: { x, y }, store } = this, { runs, spec } = store.header;
    const size = 13;
    ctx.textAlign = "left";
    ctx.textBaseline = "middle";
    ctx.fillStyle = theme.ink;
    ctx.font = `600 16px ${theme.font}`;
    ctx.fillText(`step ${step.toLocaleString("en")} of ${store.steps.toLocaleString("en")}`, x, y + LINE / 2);
    ctx.font = `400 12px ${theme.font}`;
    ctx.fillStyle = theme.ink2;
    ctx.fillText(surfaceName() || (spec.surface ?? spec.data).name, x, y + 1.4 * LINE);
    ctx.font = `500 ${size}px ${theme.font}`;
    runs.forEach(({ label }, run) => {
      const at = y + (run + 2.5) * LINE;
      const colour = theme.runs[run];
      head(ctx, { symbol: symbolOf(run), x: x + 7, y: at, size: 11, colour, paper: theme.paper, edge: 1 });
      ctx.fillStyle = theme.ink;
      ctx.fillText(shorten(ctx, label, "", this.room), x + 22, at);
    });
  }
}

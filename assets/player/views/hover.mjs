/** What is under the pointer: the nearest recorded point, with its numbers in a small tooltip. */

import { el } from "../core/dom.mjs";
import { symbolIcon } from "./draw.mjs";

const REACH = 16; // px
const HEAD_BONUS = 4; // px: of two points under the pointer the present one is meant
const GAP = 14; // px between the point and its tooltip

/**
 * @typedef {import("./overlay.mjs").Overlay & {isPerLane?: boolean}} Overlay
 * @typedef {import("./overlay.mjs").Series} Series
 * @typedef {{series: Series, row: number, x: number, y: number}} Found
 */

/**
 * The point of a view nearest to a place.
 * @param {Overlay} view @param {number} px @param {number} py CSS px in the stage
 * @param {number} row fractional row of the clock
 * @param {boolean} withRest also points that are still to come (they show while paused)
 * @returns {Found|null}
 */
export function nearest(view, px, py, row, withRest) {
  /** @type {Found|null} */
  let best = null;
  let least = REACH;
  /** @param {Series} series @param {number} at @param {number} bonus @param {boolean} isHead */
  const offer = (series, at, bonus, isHead) => {
    const { x, y } = view.locate(series, at, isHead);
    const distance = Math.hypot(x - px, y - py) - bonus;
    if (!(distance < least)) return;
    least = distance;
    best = { series, row: Math.min(Math.floor(at + 1e-6), view.lastRow(series)), x, y };
  };
  for (const series of view.all) {
    if (!view.crowded) {
      const [from, to] = nearRows(series.trail, px, py, withRest ? Infinity : row);
      for (let at = from; at <= Math.min(to, view.lastRow(series)); at++) offer(series, at, 0, false);
    }
    if (!view.crowded || row <= view.lastRow(series)) offer(series, row, HEAD_BONUS, true);
  }
  return best;
}

/**
 * Rows around the vertex nearest to a place: a trail leaves out rows that nobody could tell apart.
 * @param {import("./trail.mjs").Trail} trail @param {number} px @param {number} py @param {number} row
 */
function nearRows(trail, px, py, row) {
  let nearest = -1, least = (REACH + 2) ** 2;
  const size = row === Infinity ? trail.size : trail.upTo(row);
  for (let i = 0; i < size; i++) {
    const dx = trail.x[i] - px, dy = trail.y[i] - py, distance = dx * dx + dy * dy;
    if (distance < least) [nearest, least] = [i, distance];
  }
  if (nearest < 0) return [0, -1];
  const before = trail.row[Math.max(0, nearest - 1)];
  const after = nearest + 1 < trail.size ? trail.row[nearest + 1] : trail.rows - 1;
  return [Math.max(0, Math.floor(before)), Math.min(Math.ceil(after), Math.floor(row))];
}

export class Hover {
  /** @param {Overlay} view */
  constructor(view) {
    this.view = view;
    /** @type {{x: number, y: number}|null} */
    this.pointer = null;
    /** @type {HTMLElement|null} */
    this.stage = null;
    /** Of what the tooltip speaks. @type {import("../core/store.mjs").RunStore|null} */
    this.of = null;
    this.tip = el("div", { class: "nn-tip", role: "tooltip", hidden: true });
    this.spot = el("div", { class: "nn-spot", hidden: true });
    this.changed = false;
    /** @type {Found|null} */
    this.found = null;
  }

  /** Follow the pointer over the view's stage; the stage may be mounted anew. */
  listen() {
    const stage = this.view.stack?.stage;
    if (!stage || stage === this.stage) return;
    this.stage = stage;
    /** @param {PointerEvent} event */
    const follow = (event) => {
      const box = stage.getBoundingClientRect();
      this.pointer = event.buttons && event.pointerType === "mouse" ? null
        : { x: event.clientX - box.left, y: event.clientY - box.top };
      this.changed = true;
    };
    const leave = () => {
      this.pointer = null;
      this.changed = true;
    };
    stage.addEventListener("pointermove", follow);
    stage.addEventListener("pointerdown", follow);
    stage.addEventListener("pointerleave", leave);
  }

  /** @param {import("./overlay.mjs").Frame} frame @param {boolean} drawn something moved */
  update(frame, drawn) {
    this.listen();
    if (this.view.isGone) {
      this.tip.remove();
      this.spot.remove();
    } else if (this.stage && this.tip.parentNode !== this.stage) this.stage.append(this.spot, this.tip);
    if (!this.changed && !(drawn && this.pointer)) return;
    this.changed = false;
    const { view, pointer } = this;
    const isReady = pointer && view.store?.received && view.store === frame.store;
    this.found = isReady ? nearest(view, pointer.x, pointer.y, frame.row, frame.resting) : null;
    this.tip.hidden = this.spot.hidden = !this.found;
    if (this.found) this.#show(this.found);
  }

  /** @param {Found} found */
  #show({ series, row, x, y }) {
    const { store } = this.view, { run, lane, isAnswer } = series;
    const label = store.header.runs[run].label + (isAnswer ? ": the answer" : "");
    const key = `${run},${lane},${row},${label}`;
    if (key !== this.tip.dataset.key || store !== this.of) {
      this.tip.dataset.key = key;
      this.of = store;
      this.tip.replaceChildren(...this.view.describe(series, row).map(([name, value]) =>
        el("div", {}, el("span", {}, name), el("b", {}, value))));
      const name = el("span", { class: "nn-called" }, label);
      this.tip.prepend(el("div", { class: "nn-tip-name" }, symbolIcon(run, 12), name,
        store.lanes > 1 && this.view.isPerLane !== false ? ` start ${lane + 1}` : ""));
    }
    this.spot.style.transform = `translate(${x}px, ${y}px)`;
    const { offsetWidth: width, offsetHeight: height } = this.tip;
    const { width: wide, height: high } = this.view.stack;
    const left = x + GAP + width > wide ? x - GAP - width : x + GAP;
    const top = Math.max(4, Math.min(high - height - 4, y - height / 2));
    this.tip.style.transform = `translate(${Math.max(4, left)}px, ${top}px)`;
  }
}

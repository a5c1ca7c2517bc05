/** What happened: events found in the numbers, each a sentence with its steps; a click goes there. */

import { el } from "../core/dom.mjs";
import { inFull } from "../core/looks.mjs";
import { symbolIcon } from "../views/draw.mjs";

/**
 * @typedef {{run: number, kind: string, title: string, step: number, until: number, text: string}} Event
 */

/** "step 12–57", or "step 12". @param {Event} event */
export const when = ({ step, until }) => (until > step ? `step ${step}–${until}` : `step ${step}`);

/** The newest event that has begun by a step, or -1. @param {Event[]} events in order of steps @param {number} step */
export function newest(events, step) {
  let last = -1;
  events.forEach((event, i) => {
    if (event.step <= step) last = i;
  });
  return last;
}

export class Happened {
  /** @param {HTMLElement} root empty @param {(step: number) => void} seek */
  constructor(root, seek) {
    this.root = root;
    this.seek = seek;
    /** @type {Event[]} */
    this.events = [];
    /** @type {HTMLElement[]} */
    this.items = [];
    this.now = -1;
    this.chosen = -1;
    this.told = 0; // events that are shown
    root.classList.add("nn-happened");
  }

  /** While a race is under way nothing is known yet. */
  expect() {
    this.events = [];
    this.items = [];
    this.now = -1;
    this.root.replaceChildren(el("p", { class: "nn-note" }, "Racing …"));
  }

  /** @param {import("../core/stream.mjs").Header} header @param {{events?: Event[]}} trailer */
  show(header, { events = [] }) {
    this.events = events;
    this.now = this.chosen = -1;
    this.told = 0;
    this.items = events.map((event, i) => this.#item(header, event, i));
    const first = header.lanes_total > 1 ? [el("p", { class: "nn-note" }, "Of the first start of every run.")] : [];
    this.root.replaceChildren(...first, events.length
      ? el("ol", { class: "nn-events" }, ...this.items.map((item) => el("li", { hidden: true }, item)))
      : el("p", { class: "nn-note" }, "Nothing out of the ordinary was found."));
  }

  /** @param {import("../core/stream.mjs").Header} header @param {Event} event @param {number} i */
  #item(header, event, i) {
    const one = header.runs[event.run];
    return el("button", { type: "button", title: `Go to step ${event.step}`, onclick: () => this.#go(i) },
      el("span", { class: "nn-event-head" }, symbolIcon(event.run, 14),
        el("b", { class: "nn-called", title: inFull(one) }, one.label), ` ${event.title}`,
        el("span", { class: "nn-event-when" }, when(event))),
      el("span", { class: "nn-event-text" }, event.text));
  }

  /** @param {number} i */
  #go(i) {
    this.chosen = i;
    this.seek(this.events[i].step);
  }

  /**
   * Mark the newest event at this step; the one just chosen, where several begin there. What is
   * still to come is not told.
   * @param {number} step @param {boolean} isTold has the race run?
   */
  update(step, isTold) {
    if (!this.items.length) return;
    this.#tellUpTo(isTold ? Infinity : step);
    const chosen = this.events[this.chosen]?.step === step;
    if (!chosen) this.chosen = -1;
    const now = chosen ? this.chosen : newest(this.events, step);
    if (now === this.now) return;
    this.items[this.now]?.removeAttribute("aria-current");
    this.items[now]?.setAttribute("aria-current", "step");
    this.now = now;
    if (!chosen) this.#reveal(this.items[now]);
  }

  /** @param {number} step */
  #tellUpTo(step) {
    while (this.told < this.events.length && this.events[this.told].step <= step) {
      this.items[this.told++].parentElement.hidden = false;
    }
  }

  /** Keep it in sight inside the panel; the page itself never scrolls. @param {HTMLElement} item */
  #reveal(item) {
    const { root } = this;
    if (!item || root.scrollHeight <= root.clientHeight || root.matches(":hover, :focus-within")) return;
    const { top, bottom } = item.getBoundingClientRect(), box = root.getBoundingClientRect();
    if (bottom > box.bottom) root.scrollTop += bottom - box.bottom;
    else if (top < box.top) root.scrollTop -= box.top - top;
  }
}

/**
 * One step as a paper would work it out: the rule's lines with their numbers in place. What a
 * line computes lights up on the map, and the other way round.
 */

import { distance, isTooShort, segments } from "../views/arrows.mjs";
import { el } from "../core/dom.mjs";
import { compact, counted } from "../core/format.mjs";
import { inFull, lookMark } from "../core/looks.mjs";
import { ask, jsonOf } from "../core/server.mjs";
import { symbolIcon } from "../views/draw.mjs";

/**
 * @typedef {import("../core/stream.mjs").Header} Header
 * @typedef {import("../views/arrows.mjs").Row & {text: string, shown: string[]}} Line a value for each of what is shown
 * @typedef {object} Inspected what /trace.json answers
 * @property {number} run
 * @property {[number, number]} before @property {[number, number]} after
 * @property {[number, number]} plain where plain descent with the same rate would go
 * @property {Line[]} lines
 */

const PAUSE = 40; // ms at one step before the server is asked
const NEAR = 8; // px from an arrow
const NEARLY = 0.5, DULL = 0.2; // of the longest step
const AXES = ["first coordinate, x", "second coordinate, y"];

export class Inspector {
  /** @param {import("../core/engine.mjs").Engine} engine */
  constructor(engine) {
    this.engine = engine;
    this.run = 0;
    this.line = -1; // the line chosen with the arrows
    this.key = ""; // what is shown, or asked for
    this.names = ""; // of the runs listed
    /** @type {Inspected|null} */
    this.answer = null;
    this.timer = 0;
    /** @type {AbortController|null} */
    this.abort = null;
    this.runs = el("div", { class: "in-runs", role: "group", "aria-label": "Run" });
    this.title = el("span", { class: "in-title", role: "status" });
    /** @param {string} text @param {string} name @param {number} by */
    const button = (text, name, by) =>
      el("button", { type: "button", "aria-label": name, onclick: () => this.#walk(by) }, text);
    this.count = el("span", {}, "");
    this.walk = el("div", { class: "in-walk" },
      button("‹", "Line before", -1), this.count, button("›", "Next line", 1));
    this.table = el("div", { class: "in-table", tabindex: 0, role: "region", "aria-label": "The step, line by line" });
    this.legend = el("p", { class: "in-legend", hidden: true },
      "On the map: the step is as long as it is; vectors of the rule point downhill, to a scale of their own; a scale "
      + "of each coordinate's own is a box, shown with its line; dashed, where plain descent at this rate would go.");
    this.short = el("p", { class: "in-legend in-short", hidden: true });
    this.root = el("div", { class: "in" },
      el("div", { class: "in-head" }, this.runs, this.title, this.walk), this.table, this.short, this.legend);
    /** @param {PointerEvent} event */
    this.hover = (event) => this.#overMap(event);
  }

  enter() {
    this.key = "";
    this.#begin();
    this.engine.map.stack?.stage.addEventListener("pointermove", this.hover);
  }

  /** At the end of a race little happens: then the first step that is nearly as long as any is shown. */
  #begin() {
    const { clock, store } = this.engine;
    if (!clock.atEnd || !store?.received || store.header.kind) return;
    const x = store.x[this.run], y = store.y[this.run], count = store.alive[this.run]?.[0] ?? 0;
    const far = Array.from({ length: Math.max(0, count - 1) }, (_, i) => Math.hypot(x[i + 1] - x[i], y[i + 1] - y[i]));
    const first = far.findIndex((one) => one >= NEARLY * Math.max(...far));
    if (first < 0 || far.at(-1) >= DULL * far[first]) return;
    clock.playing = false;
    clock.seek(store.stepOf(first + 1));
  }

  leave() {
    this.abort?.abort();
    clearTimeout(this.timer);
    this.key = "";
    this.engine.map.stack?.stage.removeEventListener("pointermove", this.hover);
    this.#mark(null);
  }

  /**
   * Once a frame. @param {import("../core/clock.mjs").Clock} clock
   * @param {import("../core/store.mjs").RunStore} store
   */
  update(clock, store) {
    const { header } = store;
    const names = [lookMark(), ...header.runs.map(({ label }) => label)].join("|");
    if (names !== this.names) this.#listRuns(header, names);
    const step = Math.max(1, clock.step);
    const key = clock.playing ? `playing ${this.run} ${names}` : `${header.query}&inspect=${this.run},0,${step}`;
    if (key === this.key) return;
    this.key = key;
    clearTimeout(this.timer);
    this.abort?.abort();
    const { label } = header.runs[this.run];
    if (clock.playing) {
      this.#say(label, "pause, or step with the arrow keys, to see one step line by line");
      return;
    }
    this.timer = setTimeout(() => this.#ask(key, label, step), this.answer ? PAUSE : 0);
  }

  /** @param {string} label @param {string} text */
  #say(label, text) {
    this.answer = null;
    this.#mark(null);
    this.title.replaceChildren(this.#name(label), ` ${text}`);
    this.walk.hidden = this.legend.hidden = this.short.hidden = true;
    this.table.replaceChildren();
  }

  /** @param {string} label */
  #name(label) {
    return el("b", { class: "nn-called", title: label }, label);
  }

  /** @param {Header} header @param {string} names */
  #listRuns(header, names) {
    this.names = names;
    this.key = "";
    this.run = Math.min(this.run, header.runs.length - 1);
    this.runs.replaceChildren(...header.runs.map((one, run) => el("button", {
      type: "button", "aria-label": inFull(one), title: inFull(one), "aria-pressed": String(run === this.run),
      onclick: () => this.#choose(run),
    }, symbolIcon(run, 14))));
  }

  /** @param {number} run */
  #choose(run) {
    this.run = run;
    [...this.runs.children].forEach((button, i) => button.setAttribute("aria-pressed", String(i === run)));
    this.key = "";
  }

  /** @param {string} key @param {string} label @param {number} step */
  async #ask(key, label, step) {
    const { signal } = (this.abort = new AbortController());
    let body;
    try {
      body = await ask(`/trace.json?${key}`, {
        signal, read: (answer) => jsonOf(answer, signal),
        onWait: () => this.#say(label, "the step waits for the server"),
      });
    } catch (error) {
      if (signal.aborted) return;
      throw error;
    }
    if (body.error) this.#say(label, body.error.message);
    else this.#show(body, label, step);
  }

  /** @param {Inspected} body @param {string} label @param {number} step */
  #show(body, label, step) {
    this.answer = body;
    this.title.replaceChildren(symbolIcon(body.run, 14), " ", this.#name(label), ` at step ${step}, line by line`);
    this.walk.hidden = this.legend.hidden = false;
    this.#tellShort(body);
    this.line = Math.min(this.line, body.lines.length - 1);
    const head = el("tr", {}, el("th", { scope: "col" }, "the rule, as it runs"),
      ...AXES.map((text) => el("th", { scope: "col", colspan: 2 }, text)));
    const rows = body.lines.map((line, i) => this.#row(line, i));
    this.table.replaceChildren(el("table", {}, el("thead", {}, head), el("tbody", {}, ...rows)));
    this.#light(this.line);
  }

  /** Of a step that is a dot on the map, its length in words. @param {Inspected} body */
  #tellShort({ before, after }) {
    const { map } = this.engine, far = Math.hypot(after[0] - before[0], after[1] - before[1]);
    this.short.hidden = !map.projection || !isTooShort(map, { before, after });
    this.short.textContent = far > 0 ? `The step is ${compact(far, 2)} long: too short to draw, a dot on the map.`
      : "The step has no length: a dot on the map.";
  }

  /** @param {Line} line @param {number} i */
  #row({ text, shown, value }, i) {
    const cells = shown.flatMap((numbers, at) => [el("td", { class: "in-numbers" }, numbers),
      el("td", { class: "in-value" }, `= ${value[at] === null ? "not finite" : compact(value[at])}`)]);
    if (shown.length === 1) cells.push(el("td", { colspan: 2, class: "in-both" }, "the same for both"));
    return el("tr", { onpointerenter: () => this.#light(i), onpointerleave: () => this.#light(this.line),
      onclick: () => this.#light((this.line = i)) }, el("th", { scope: "row" }, text), ...cells);
  }

  /** @param {number} by */
  #walk(by) {
    const { length } = this.answer?.lines ?? [];
    if (!length) return;
    this.line = this.line < 0 ? (by > 0 ? 0 : length - 1) : Math.min(Math.max(this.line + by, 0), length - 1);
    this.#light(this.line);
  }

  /** Light up a line and what it computes. @param {number} line */
  #light(line) {
    if (!this.answer) return;
    const rows = this.table.querySelectorAll("tbody tr");
    rows.forEach((row, i) => {
      row.classList.toggle("is-lit", i === line);
      if (i === line) row.setAttribute("aria-current", "true");
      else row.removeAttribute("aria-current");
    });
    this.count.textContent = line < 0 ? counted(rows.length, "line") : `line ${line + 1} of ${rows.length}`;
    const { before, after, plain, run, lines } = this.answer;
    this.#mark({ before, after, plain, run, rows: lines, lit: line });
  }

  /** @param {import("../views/arrows.mjs").Marks|null} marks */
  #mark(marks) {
    const { map } = this.engine;
    if (!marks && !map.marks) return;
    map.marks = marks;
    map.dirty = true;
  }

  /** The arrow under the pointer lights up its line. @param {PointerEvent} event */
  #overMap(event) {
    const { map } = this.engine;
    if (!map.marks?.rows) return;
    const box = map.stack.stage.getBoundingClientRect();
    const [x, y] = [event.clientX - box.left, event.clientY - box.top];
    const near = segments(map, map.marks).filter((part) => part.row >= 0 && part.kind !== "scale")
      .map((part) => [distance(part, x, y), part.row]).sort((a, b) => a[0] - b[0])[0];
    this.#light(near && near[0] < NEAR ? near[1] : this.line);
  }
}

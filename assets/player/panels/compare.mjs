/** Two runs compared: where their paths part, which term did it, what one change would have made of it. */

import { el } from "../core/dom.mjs";
import { compact } from "../core/format.mjs";
import { inFull, lookMark } from "../core/looks.mjs";
import { ask, jsonOf } from "../core/server.mjs";
import { symbolIcon, verdictIcon } from "../views/draw.mjs";
import { enlarged } from "../views/parted.mjs";

/**
 * @typedef {import("../core/stream.mjs").Header} Header
 * @typedef {"own"|"other"|"elsewhere"} Fate
 * @typedef {object} ComparedRun
 * @property {number} run @property {string} label
 * @property {[number, number]|null} before the step at which they part @property {[number, number]|null} after
 * @typedef {object} OneChanged
 * @property {number} run @property {string} words @property {import("../core/stream.mjs").Call} call
 * @property {string} verdict @property {string} text @property {number|null} loss @property {Fate} fate
 * @typedef {object} Comparison what /compare.json answers
 * @property {ComparedRun[]} runs @property {number|null} step
 * @property {{about: string, text: string, step: number|null}[]} said
 * @property {OneChanged[]} changed @property {string} limits
 */

const PAUSE = 120; // ms without a change before the server is asked
const GONE = ["diverged", "undefined"]; // ends nowhere
/** @type {Record<string, string>} */
const ICON_OF = { global_minimum: "star", local_minimum: "ring" };
// What belongs into one paragraph, and how that begins.
const PARAGRAPHS = [
  { of: ["ends"], head: "" }, { of: ["parting"], head: "Where" }, { of: ["moves", "why"], head: "Why" },
  { of: ["decided", "nudged", "left_out"], head: "When it was decided" },
];

export class Compare {
  /** @param {import("../core/engine.mjs").Engine} engine */
  constructor(engine) {
    this.engine = engine;
    this.pair = [0, 1];
    this.names = ""; // of the runs offered
    this.key = ""; // what is shown, or asked for
    this.drawn = ""; // how large the arrows are said to be
    /** @type {Comparison|null} */
    this.answer = null;
    this.timer = 0;
    /** @type {AbortController|null} */
    this.abort = null;
    this.choices = ["Compare this run", "with this one"].map((name, i) => el("select", {
      "aria-label": name, onchange: (/** @type {Event} */ event) =>
        this.choose(i, Number(/** @type {HTMLSelectElement} */ (event.target).value)),
    }));
    this.note = el("p", { class: "cp-note", role: "status" });
    this.body = el("div", { class: "cp-body" });
    this.root = el("div", { class: "cp" }, el("div", { class: "in-head" },
      el("label", {}, "Compare ", this.choices[0]), el("label", {}, "with ", this.choices[1]), this.note), this.body);
  }

  enter() {
    this.key = this.names = "";
  }

  leave() {
    this.abort?.abort();
    clearTimeout(this.timer);
    this.key = "";
    this.#mark(null);
  }

  /** @param {[number, number]} pair of runs */
  take(pair) {
    this.pair = pair;
    this.names = this.key = "";
  }

  /** @param {number} which 0 or 1 @param {number} run */
  choose(which, run) {
    const other = 1 - which;
    if (this.pair[other] === run) this.pair[other] = this.pair[which];
    this.pair[which] = run;
    this.names = this.key = "";
  }

  /**
   * Once a frame. @param {import("../core/clock.mjs").Clock} _clock
   * @param {import("../core/store.mjs").RunStore} store
   */
  update(_clock, { header }) {
    const names = [lookMark(), ...header.runs.map(({ label }) => label)].join("|");
    if (names !== this.names) this.#offer(header, names);
    this.#sayScale(header);
    const key = header.runs.length < 2 ? "one" : `${header.query}&compare=${this.pair.join(",")}`;
    if (key === this.key) return;
    const isFirst = this.key === "";
    this.key = key;
    clearTimeout(this.timer);
    this.abort?.abort();
    if (key === "one") this.#say("Add a second run to compare it with.");
    else this.timer = setTimeout(() => this.#ask(key), isFirst ? 0 : PAUSE);
  }

  /** @param {string} text */
  #say(text) {
    this.answer = null;
    this.#mark(null);
    this.note.textContent = text;
    this.body.replaceChildren();
  }

  /** @param {Header} header @param {string} names */
  #offer({ runs }, names) {
    this.names = names;
    this.key = "";
    const last = runs.length - 1;
    this.pair = this.pair.map((run) => Math.min(run, last));
    if (this.pair[0] === this.pair[1] && last) this.pair[1] = this.pair[0] ? this.pair[0] - 1 : 1;
    this.choices.forEach((choice, i) => {
      choice.replaceChildren(...runs.map((one, run) =>
        el("option", { value: run, selected: run === this.pair[i] }, inFull(one))));
      choice.disabled = !last;
    });
  }

  /** @param {string} key */
  async #ask(key) {
    const { signal } = (this.abort = new AbortController());
    if (!this.answer) this.note.textContent = "Comparing …";
    this.body.setAttribute("aria-busy", "true");
    try {
      const body = await ask(`/compare.json?${key}`, {
        signal, read: (answer) => jsonOf(answer, signal),
        onWait: () => this.#say("The comparison waits for the server."),
      });
      if (body.error) this.#say(body.error.message);
      else this.#show(body);
    } catch (error) {
      if (!signal.aborted) throw error;
    }
    if (!signal.aborted) this.body.removeAttribute("aria-busy");
  }

  /** @param {Comparison} body */
  #show(body) {
    this.answer = body;
    const wasOpen = this.body.querySelector("details")?.open ?? false;
    this.note.textContent = "";
    this.drawn = "";
    this.scale = el("p", { class: "in-legend" });
    const paragraphs = PARAGRAPHS.map(({ of, head }) => this.#paragraph(body, of, head)).filter(Boolean);
    const said = el("div", { class: "cp-said" }, ...paragraphs, this.scale);
    const changed = body.changed.length ? [this.#changed(body)] : [];
    this.body.replaceChildren(el("div", { class: "cp-columns" }, said, ...changed),
      el("details", { open: wasOpen }, el("summary", {}, "How this is decided"), el("p", {}, body.limits)));
    const steps = body.runs.filter(({ before, after }) => before && after);
    this.#mark(steps.length === 2 ? { parted: { steps, step: body.step } } : null);
  }

  /** @param {Comparison} body @param {string[]} of @param {string} head */
  #paragraph({ said }, of, head) {
    const sentences = said.filter(({ about }) => of.includes(about));
    if (!sentences.length) return null;
    const shown = sentences.filter(({ about, step }) => step !== null && ["parting", "decided"].includes(about));
    const buttons = [...new Set(shown.map(({ step }) => step))].flatMap((step) => [" ", el("button", {
      type: "button", class: "cp-go", onclick: () => this.engine.clock.seek(step) }, `Show step ${step}`)]);
    return el("p", { class: `cp-${of[0]}` }, ...(head ? [el("b", {}, head), " "] : []),
      sentences.map(({ text }) => text).join(" "), ...buttons);
  }

  /** @param {Comparison} body */
  #changed({ runs, changed }) {
    const mayAdd = document.getElementById("runs-list") !== null; // a lesson's race stays as it is
    const rows = changed.map((one) => {
      const [own, other] = one.run === runs[0].run ? runs : [runs[1], runs[0]];
      const ends = { own: "the same end", other: `ends where ${other.label} does`, elsewhere: "ends elsewhere" };
      const name = `Add ${own.label} ${one.words}`;
      const add = el("button", { type: "button", class: "cp-go", "aria-label": name, title: "Add it to the race",
        onclick: () => this.engine.emit("add", { of: one.run, call: one.call }) }, "Add");
      return el("tr", { class: `cp-${one.fate}` },
        el("th", { scope: "row" }, symbolIcon(one.run, 14), ` ${own.label} ${one.words}`),
        el("td", {}, verdictIcon(ICON_OF[one.verdict] ?? one.verdict),
          ` ${one.text}${GONE.includes(one.verdict) ? "" : `, loss ${compact(one.loss, 3)}`}`),
        el("td", {}, ends[one.fate]), el("td", {}, ...(mayAdd ? [add] : [])));
    });
    const heads = ["One thing changed", "What comes of it", "Compared", ""]
      .map((text) => el("th", { scope: "col" }, text));
    return el("div", { class: "cp-changed", tabindex: 0, role: "region", "aria-label": "With one thing changed" },
      el("table", {}, el("thead", {}, el("tr", {}, ...heads)), el("tbody", {}, ...rows)));
  }

  /** How the arrows on the map are to be read; it depends on the zoom. @param {Header} header */
  #sayScale({ lanes_total: lanes }) {
    const { marks, projection } = this.engine.map;
    if (!this.answer || !this.scale) return;
    const by = marks?.parted && projection ? enlarged(this.engine.map, marks.parted) : 0;
    const drawn = `${by.toPrecision(2)} ${lanes}`;
    if (drawn === this.drawn) return;
    this.drawn = drawn;
    const large = by > 1 ? `, drawn ${compact(by, 2)} times as long` : "";
    const arrows = by ? `On the map: a ring where they part, and the step of each there${large}. ` : "";
    this.scale.textContent = arrows + (lanes > 1 ? "Of the first start of both." : "");
  }

  /** @param {import("../views/arrows.mjs").Marks|null} marks */
  #mark(marks) {
    const { map } = this.engine;
    if (!marks && !map.marks) return;
    map.marks = marks;
    map.dirty = true;
  }
}

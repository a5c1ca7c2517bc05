/**
 * The panel right of the curves: the outcome of every run, or what happened on the way. It does not
 * tell the ending before the race has run: the outcome comes at the last step, or when asked for.
 */

import { el, segmented } from "../core/dom.mjs";
import { Happened } from "./happened.mjs";
import { OutcomeTable } from "./outcome.mjs";

/**
 * @typedef {import("../core/stream.mjs").Header} Header
 * @typedef {import("../core/stream.mjs").Trailer} Trailer
 * @typedef {import("../core/clock.mjs").Clock} Clock
 */

/** @type {{value: "outcome"|"happened", label: string, title: string}[]} */
export const PARTS = [
  { value: "outcome", label: "Outcome", title: "Outcome of every run" },
  { value: "happened", label: "What happened", title: "What happened on the way" },
];

export class AfterPanel {
  /**
   * @param {HTMLElement} root empty @param {(step: number) => void} seek
   * @param {() => void} [compare] opens the comparison of two runs
   */
  constructor(root, seek, compare) {
    this.parts = { outcome: el("div", {}), happened: el("div", {}) };
    this.outcome = new OutcomeTable(this.parts.outcome, () => this.tell());
    this.happened = new Happened(this.parts.happened, seek);
    this.choice = segmented({
      label: "After the race", choices: PARTS, value: "outcome", onchange: (part) => this.choose(part),
    });
    /** What is known of the race that is shown. @type {{header: Header, trailer: Trailer|null}|null} */
    this.race = null;
    this.isTold = false; // the race has run, or was asked to tell
    this.isRacing = false; // and says so
    root.classList.add("nn-after");
    this.compare = el("button", { type: "button", class: "nn-compare", hidden: true, onclick: compare,
      title: "Where do two runs part, and why?" }, "Compare two runs");
    root.replaceChildren(
      el("div", { class: "nn-after-head" }, ...(compare ? [this.compare] : []), this.choice.root),
      this.parts.outcome, this.parts.happened);
    this.choose("outcome");
  }

  /** @param {"outcome"|"happened"} chosen */
  choose(chosen) {
    for (const [name, part] of Object.entries(this.parts)) part.hidden = name !== chosen;
    this.choice.set(chosen);
  }

  /** A new race. What is shown stays until it has run a step, or has an outcome. @param {Header} header */
  expect(header) {
    this.race = { header, trailer: null };
    this.isTold = this.isRacing = false;
    this.#offer(header);
  }

  /** @param {Header} header @param {Trailer} trailer */
  show(header, trailer) {
    this.race = { header, trailer };
    this.#offer(header);
    this.happened.show(header, trailer);
    if (this.isTold) this.outcome.show(header, trailer);
    else this.isRacing = false; // its rows may look otherwise now
  }

  /** @param {Header} header */
  #offer({ runs }) {
    this.compare.hidden = runs.length < 2;
  }

  /** Tell the outcome now. */
  tell() {
    this.isTold = true;
    if (this.race?.trailer) this.outcome.show(this.race.header, this.race.trailer);
  }

  /** @param {Clock} clock */
  update(clock) {
    if (this.race && !this.isTold) {
      if (clock.isOver) this.tell();
      else if (!this.isRacing) {
        this.isRacing = true;
        this.outcome.race(this.race.header);
        if (!this.race.trailer) this.happened.expect();
      }
    }
    this.happened.update(clock.step, this.isTold);
  }
}

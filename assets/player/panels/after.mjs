/** The panel right of the curves: the outcome of every run, or what happened on the way. */

import { el, segmented } from "../core/dom.mjs";
import { Happened } from "./happened.mjs";
import { OutcomeTable } from "./outcome.mjs";

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
    this.outcome = new OutcomeTable(this.parts.outcome);
    this.happened = new Happened(this.parts.happened, seek);
    this.choice = segmented({
      label: "After the race", choices: PARTS, value: "outcome", onchange: (part) => this.choose(part),
    });
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

  /** @param {import("../core/stream.mjs").Header} header */
  expect(header) {
    this.#offer(header);
    this.outcome.expect(header);
    this.happened.expect();
  }

  /** @param {import("../core/stream.mjs").Header} header @param {import("../core/stream.mjs").Trailer} trailer */
  show(header, trailer) {
    this.#offer(header);
    this.outcome.show(header, trailer);
    this.happened.show(header, trailer);
  }

  /** @param {import("../core/stream.mjs").Header} header */
  #offer({ runs }) {
    this.compare.hidden = runs.length < 2;
  }

  /** @param {number} step */
  update(step) {
    this.happened.update(step);
  }
}

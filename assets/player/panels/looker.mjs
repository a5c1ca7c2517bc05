/**
 * A closer look, below everything: one step line by line, two runs compared, or the loss along a
 * line. Folded away at first.
 */

import { el, segmented } from "../core/dom.mjs";
import { Compare } from "./compare.mjs";
import { Inspector } from "./inspector.mjs";
import { Profile } from "./profile.mjs";

/** @typedef {"step"|"compare"|"profile"} Kind */

/** @type {{value: Kind, label: string, title: string}[]} */
const KINDS = [
  { value: "step", label: "one step", title: "One step, line by line" },
  { value: "compare", label: "two runs", title: "Two runs compared: where they part, and why" },
  { value: "profile", label: "profile", title: "The loss along a line" },
];

const ARRIVING = 240; // ms

export class Looker {
  /** @param {HTMLElement} root empty @param {import("../core/engine.mjs").Engine} engine */
  constructor(root, engine) {
    this.engine = engine;
    /** @type {Kind} */
    this.kind = "step";
    this.isOpen = false;
    this.settling = 0; // timer
    this.views = { step: new Inspector(engine), compare: new Compare(engine), profile: new Profile(engine) };
    this.fold = el("button", { type: "button", class: "lk-fold", "aria-expanded": "false", "aria-controls": "lk-body",
      onclick: () => this.open(!this.isOpen) }, "Look closer");
    this.choice = segmented({
      label: "What to look at", choices: KINDS, value: this.kind, onchange: (kind) => this.show(kind),
    });
    const about = el("span", { class: "lk-about" },
      "one step line by line, two runs compared, or the loss along a line");
    this.head = el("div", { class: "lk-head" }, this.fold, about, this.choice.root);
    this.body = el("div", { id: "lk-body", class: "lk-body", hidden: true });
    root.classList.add("lk");
    root.replaceChildren(this.head, this.body);
    this.root = root;
  }

  /** @param {boolean} isOpen */
  open(isOpen) {
    this.isOpen = isOpen;
    this.fold.setAttribute("aria-expanded", String(isOpen));
    this.fold.textContent = isOpen ? "Close" : "Look closer";
    this.body.hidden = !isOpen;
    this.body.classList.toggle("is-arriving", isOpen);
    clearTimeout(this.settling);
    if (!isOpen) {
      this.views[this.kind].leave();
      this.#settle();
      return;
    }
    this.show(this.kind);
    this.update(this.engine.clock, this.engine.store); // asks at once
    this.settling = setTimeout(() => this.#settle(), ARRIVING);
  }

  /**
   * What is looked at stands over the page until it is there; only then the views make room, which
   * takes Plotly long.
   */
  #settle() {
    this.body.classList.remove("is-arriving");
    this.root.classList.toggle("is-open", this.isOpen);
    window.dispatchEvent(new Event("resize"));
  }

  /** @param {Kind} kind */
  show(kind) {
    if (kind !== this.kind) this.views[this.kind].leave();
    this.kind = kind;
    this.choice.set(kind);
    if (!this.isOpen) this.open(true);
    this.body.replaceChildren(this.views[kind].root);
    this.views[kind].enter();
  }

  /**
   * Two runs compared, wherever on the page one was.
   * @param {number} [a] @param {number} [b] which; left out, those chosen last
   */
  compare(a, b) {
    this.show("compare");
    if (a !== undefined && b !== undefined) this.views.compare.take([a, b]);
    this.root.scrollIntoView({ block: "nearest" });
    this.views.compare.choices[0].focus({ preventScroll: true });
  }

  /**
   * Once a frame. @param {import("../core/clock.mjs").Clock} clock
   * @param {import("../core/store.mjs").RunStore|null} store
   */
  update(clock, store) {
    if (this.isOpen && store) this.views[this.kind].update(clock, store);
  }
}

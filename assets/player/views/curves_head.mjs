/** The heading of the curves: what they show, on which scale, and the choice of it. */

import { el, segmented } from "../core/dom.mjs";
import { KINDS, LAB_KINDS } from "../core/values.mjs";

/** @typedef {import("../core/values.mjs").Kind} Kind */

export class CurvesHead {
  /** @param {HTMLElement} root empty @param {Kind} kind @param {(kind: Kind) => void} onchange */
  constructor(root, kind, onchange) {
    this.root = root;
    this.kinds = root.closest(".lab") ? LAB_KINDS : KINDS;
    this.title = el("h2", { class: "nn-title" });
    this.choice = segmented({ label: "What the curves show", choices: this.kinds, value: kind, onchange });
    root.classList.add("nn-curves-head");
    root.replaceChildren(this.title, this.choice.root);
    this.shown = "";
  }

  /** @param {import("./curves.mjs").CurvesOverlay} curves */
  update({ kind, values, axes }) {
    const notes = [axes.type === "linear" ? "linear scale" : "log scale"];
    if (values?.shift) notes.unshift("above the lowest");
    if (kind === "away" && values?.store.header.plane?.missing) notes.splice(0, 1, "there is no plane");
    if (kind === "test" && values?.store.header.data?.test === 0) notes.splice(0, 1, "there are no test data");
    if (values?.quartiles) notes.unshift(`median and quartiles of ${values.store.header.lanes} starts`);
    const wanted = `${kind}|${notes}`;
    if (wanted === this.shown) return;
    this.shown = wanted;
    const { title } = this.kinds.find((known) => known.value === kind);
    this.title.replaceChildren(title, el("span", {}, notes.join(", ")));
  }
}

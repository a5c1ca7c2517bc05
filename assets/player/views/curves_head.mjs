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
  update(curves) {
    const { title, notes } = headingOf(curves, this.kinds), wanted = `${title}|${notes}`;
    if (wanted === this.shown) return;
    this.shown = wanted;
    this.title.replaceChildren(title, el("span", {}, notes));
  }
}

/**
 * What the curves show, and on which scale.
 * @param {import("./curves.mjs").CurvesOverlay} curves @param {typeof KINDS} kinds
 */
export function headingOf({ kind, values, axes }, kinds) {
  const notes = [axes.type === "linear" ? "linear scale" : "log scale"];
  if (values?.shift) notes.unshift("above the lowest");
  if (kind === "away" && values?.store.header.plane?.missing) notes.splice(0, 1, "there is no plane");
  if (kind === "test" && values?.store.header.data?.test === 0) notes.splice(0, 1, "there are no test data");
  if (values?.quartiles) notes.unshift(`median and quartiles of ${values.store.header.lanes} starts`);
  return { title: kinds.find((known) => known.value === kind).title, notes: notes.join(", ") };
}

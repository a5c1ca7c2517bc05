/** On the map: the way back to the whole, what is read under the pointer, and how the map is drawn. */

import { el, segmented } from "../player/core/dom.mjs";
import * as camera from "./camera.mjs";
import * as probe from "./probe.mjs";
import * as view from "./view.mjs";
import * as viewing from "./viewing.mjs";

/** @type {{value: "auto"|"linear"|"log", label: string, title: string}[]} */
const HEIGHTS = [
  { value: "auto", label: "auto", title: "Height: linear or log, as suits the surface" },
  { value: "linear", label: "linear", title: "Height: linear" },
  { value: "log", label: "log", title: "Height: logarithmic" },
];
/** @type {{value: "8"|"16"|"32", label: string, title: string}[]} */
const LEVELS = [
  { value: "8", label: "few", title: "Few contour lines" },
  { value: "16", label: "some", title: "Some contour lines" },
  { value: "32", label: "many", title: "Many contour lines" },
];
const USUAL = "16";
const AXES = /** @type {const} */ (["x", "y"]);

/** @typedef {{root: HTMLElement, update: () => void}} Menu */

/** @param {string} name @param {HTMLElement} control */
const row = (name, control) => el("div", { class: "nn-menu-row" }, el("span", {}, name), control);

/** Two fields for the edges of what is seen along an axis. @param {"x"|"y"} axis */
const edges = (axis) => ["from", "to"].map((word) =>
  el("input", { type: "text", inputmode: "decimal", "aria-label": `${axis} ${word}` }));

/** @param {HTMLInputElement[]} fields @returns {[number, number]|null} */
function rangeOf(fields) {
  const [low, high] = fields.map(({ value }) => (value.trim() ? Number(value.replace("−", "-")) : NaN));
  const isGood = Math.abs(low) <= 1e15 && Math.abs(high) <= 1e15 && low < high;
  fields.forEach((field) => field.setAttribute("aria-invalid", String(!isGood)));
  return isGood ? [low, high] : null;
}

/**
 * @param {HTMLElement} stage the map's
 * @param {(place: {x: number, y: number}) => void} start @param {() => boolean} isSurface not a slice of a training
 * @returns {Menu}
 */
export function menu(stage, start, isSurface) {
  const heights = segmented({ label: "Height", choices: HEIGHTS, value: "auto",
    onchange: (value) => viewing.see({ height: value === "auto" ? undefined : value }) });
  const levels = segmented({ label: "Contour lines", choices: LEVELS, value: USUAL,
    onchange: (value) => viewing.see({ levels: value === USUAL ? undefined : Number(value) }) });
  const arrows = el("input", { type: "checkbox",
    onchange: () => viewing.see({ arrows: arrows.checked }) });
  const fields = { x: edges("x"), y: edges("y") };
  const take = () => {
    const x = rangeOf(fields.x), y = rangeOf(fields.y);
    if (x && y && JSON.stringify([x, y]) !== written) viewing.see({ x, y });
  };
  let written = ""; // what the fields were given
  const region = el("div", {
    onkeydown: (/** @type {KeyboardEvent} */ event) => event.key === "Enter" && take(),
    // all four are typed first: a part of them is not meant
    onfocusout: (/** @type {FocusEvent} */ { relatedTarget }) =>
      region.contains(/** @type {Node} */ (relatedTarget)) || take(),
  }, ...AXES.map((axis) => row(`${axis} from, to`, el("span", { class: "nn-menu-edges" }, ...fields[axis]))));
  const own = el("div", {}, row("Height", heights.root), row("Contour lines", levels.root),
    el("label", { class: "nn-menu-row" }, el("span", {}, "Arrows downhill"), arrows),
    el("p", { class: "nn-menu-note" }, "They point along −∇f; the longer, the steeper, on a log scale."));
  const panel = el("div", {
    id: "map-menu", class: "nn-menu", role: "group", "aria-label": "How the map is drawn", hidden: true,
  }, own, region);
  const opener = el("button", {
    type: "button", "aria-expanded": "false", "aria-controls": "map-menu",
    onclick: () => open(Boolean(panel.hidden)),
  }, "Map");
  const back = el("button", { type: "button", class: "nn-reset", hidden: true, onclick: () => {
    if (document.activeElement === back) opener.focus(); // it goes away
    view.reset();
    camera.reset();
  } }, "Reset view");
  const root = el("div", { class: "nn-steer" }, panel, back, probe.begin(stage, start), opener);
  stage.append(root);

  /** @param {boolean} isOpen */
  function open(isOpen) {
    panel.hidden = !isOpen;
    opener.setAttribute("aria-expanded", String(isOpen));
    if (isOpen) update();
  }
  root.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || panel.hidden) return;
    written = JSON.stringify(AXES.map((axis) => rangeOf(fields[axis]))); // what is typed is not taken
    open(false);
    opener.focus();
    event.stopPropagation();
  });
  document.addEventListener("pointerdown", (event) => {
    if (!root.contains(/** @type {Node} */ (event.target))) open(false);
  });

  function update() {
    const { height = "auto", levels: count = USUAL, arrows: hasArrows = false, eye } = viewing.current().view ?? {};
    own.hidden = !isSurface();
    heights.set(height);
    levels.set(/** @type {"16"} */ (String(count)));
    arrows.checked = hasArrows;
    back.hidden = view.isHome() && !eye;
    const seen = view.ranges();
    if (!seen || region.contains(document.activeElement)) return;
    const asked = AXES.map((axis) => viewing.current().view?.[axis] ?? view.rounded(seen[axis]));
    written = JSON.stringify(asked);
    for (const [k, axis] of AXES.entries()) {
      fields[axis].forEach((field, i) => {
        field.value = String(asked[k][i]).replace("-", "−");
        field.setAttribute("aria-invalid", "false");
      });
    }
  }
  return { root, update };
}

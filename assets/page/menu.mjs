/** The menus: search as you type, arrows to walk, Enter to take. */

import { set } from "./bridge.mjs";
import { SURFACE_LIST, SURFACE_SEARCH } from "./ids.mjs";
import { meant, plain } from "./search.mjs";

const list = () => document.querySelector(".menu");
const items = () => [...(list()?.querySelectorAll(".menu-item:not([hidden])") ?? [])];

/** @param {string} text */
function filter(text) {
  const wanted = plain(text).split(" ");
  for (const family of list().querySelectorAll(".menu-family")) {
    let shown = 0;
    for (const item of family.querySelectorAll(".menu-item")) {
      item.hidden = !wanted.every((word) => plain(item.dataset.words).includes(word));
      shown += item.hidden ? 0 : 1;
    }
    family.hidden = shown === 0;
  }
  tellNothing(items().length ? "" : text.trim());
}

/** Nothing answers a query: say so, and show what may have been meant. @param {string} query "" when something does */
function tellNothing(query) {
  const said = list().querySelector(".menu-none");
  said.textContent = "";
  if (!query) return;
  const all = [...list().querySelectorAll(".menu-item")];
  const title = (/** @type {Element} */ item) => item.querySelector(".surface-title").textContent;
  const near = meant(query, all.map(title)), item = all.find((one) => title(one) === near);
  said.textContent = `No surface found for “${query}”. `
    + (item ? "The nearest is:" : "Try a name, or a word such as valley.");
  if (item) item.hidden = item.closest(".menu-family").hidden = false;
}

/** The field of the last time: the menu is made anew whenever it is opened. @type {HTMLInputElement|null} */
let field = null;

/** Opened again, the menu has forgotten what was searched. @param {HTMLInputElement} shown */
function begin(shown) {
  if (shown === field) return;
  field = shown;
  if (shown.value) set(SURFACE_SEARCH, { value: "" });
}

/** @param {KeyboardEvent} event */
function walk(event) {
  const all = items();
  const at = all.findIndex((item) => item === document.activeElement);
  if (event.key === "Enter" && at < 0) {
    all[0]?.click();
    return;
  }
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (!step || !all.length) return;
  event.preventDefault();
  if (at === 0 && step < 0) document.getElementById(SURFACE_SEARCH)?.focus();
  else all[Math.min(Math.max(at + step, 0), all.length - 1)].focus();
}

/**
 * Enter takes the highlighted option. Mantine loses its own count of it whenever Dash renders
 * the field again, while the highlight stays.
 * @param {KeyboardEvent} event
 */
function take(event) {
  const list = /** @type {Element} */ (event.target).getAttribute?.("aria-controls");
  const option = list && document.getElementById(list)?.querySelector("[data-combobox-selected]");
  if (!option) return;
  event.preventDefault();
  event.stopPropagation();
  option.click();
}

/** Listen; the menus come and go. */
export function watch() {
  document.addEventListener("keydown", (event) => {
    if (event.key === "Enter") take(event);
  }, { capture: true });
  document.addEventListener("focusin", ({ target }) => {
    const shown = /** @type {HTMLInputElement} */ (target);
    if (shown.id === SURFACE_SEARCH) begin(shown);
  });
  document.addEventListener("input", (event) => {
    const target = /** @type {HTMLInputElement} */ (event.target);
    if (target.id === SURFACE_SEARCH) filter(target.value);
  });
  document.addEventListener("keydown", (event) => {
    if (/** @type {Element} */ (event.target).closest?.(`.menu, #${SURFACE_LIST}`)) walk(event);
  });
}

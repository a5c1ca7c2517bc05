/** The menus: search as you type, arrows to walk, Enter to take. */

import { SURFACE_LIST, SURFACE_SEARCH } from "./ids.mjs";

const list = () => document.querySelector(".menu");
const items = () => [...(list()?.querySelectorAll(".menu-item:not([hidden])") ?? [])];

/** @param {string} text */
function filter(text) {
  const wanted = text.trim().toLowerCase().split(/\s+/u);
  for (const family of list().querySelectorAll(".menu-family")) {
    let shown = 0;
    for (const item of family.querySelectorAll(".menu-item")) {
      item.hidden = !wanted.every((word) => item.dataset.words.includes(word));
      shown += item.hidden ? 0 : 1;
    }
    family.hidden = shown === 0;
  }
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
  document.addEventListener("input", (event) => {
    const target = /** @type {HTMLInputElement} */ (event.target);
    if (target.id === SURFACE_SEARCH) filter(target.value);
  });
  document.addEventListener("keydown", (event) => {
    if (/** @type {Element} */ (event.target).closest?.(`.menu, #${SURFACE_LIST}`)) walk(event);
  });
}

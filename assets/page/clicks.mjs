/**
 * Clicks on what has an action, heard straight from the page: Dash takes tens of milliseconds to
 * hand one over. Only right after typing does a click wait, and goes through Dash, so that it
 * comes after what was typed.
 */

import { on, set } from "./bridge.mjs";
import { ACTION, domId } from "./ids.mjs";

const KNOB = 'input[id*=\'"knob":\'], textarea[id*=\'"knob":\']';
const BUTTON = '[id^=\'{"action":\']';
const TYPED = 450; // ms from a key until the field has handed its value over, see page/controls.py
const MOST_FRAMES = 30; // a menu that does not close

let lastKey = -Infinity;
let turn = 0;

/**
 * At once; for an entry of a menu when that has closed and has given the focus back.
 * @param {HTMLElement} button @param {() => void} then
 */
function afterMenu(button, then, frames = MOST_FRAMES) {
  const isIn = button.closest("[role=menu]")?.contains(document.activeElement);
  if (isIn && frames) requestAnimationFrame(() => afterMenu(button, then, frames - 1));
  else then();
}

/** @param {(action: string, index: number|string, button: HTMLElement|null) => void} act */
export function watch(act) {
  on("action", ([asked]) => {
    if (asked) act(asked.id.action, asked.id.index, document.getElementById(domId(asked.id)));
  });
  for (const name of ["keydown", "input"]) {
    document.addEventListener(name, (event) => {
      if (/** @type {Element} */ (event.target).matches?.(KNOB)) lastKey = performance.now();
    }, { capture: true });
  }
  document.addEventListener("click", (event) => {
    /** @type {HTMLButtonElement|null|undefined} */
    const button = /** @type {Element} */ (event.target).closest?.(BUTTON);
    if (!button || button.disabled) return;
    const id = JSON.parse(button.id), wait = lastKey + TYPED - performance.now();
    if (wait > 0) setTimeout(() => set(ACTION, { data: { id, turn: ++turn } }), wait);
    else afterMenu(button, () => act(id.action, id.index, button));
  }, { capture: true });
}

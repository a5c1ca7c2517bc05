/**
 * Clicks on what has an action, heard straight from the page: Dash takes tens of milliseconds to
 * hand one over. What was typed before counts before the click.
 */

import * as fields from "./fields.mjs";

const BUTTON = '[id^=\'{"action":\']';
const MOST_FRAMES = 30; // a menu that does not close

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
  document.addEventListener("click", (event) => {
    /** @type {HTMLButtonElement|null|undefined} */
    const button = /** @type {Element} */ (event.target).closest?.(BUTTON);
    if (!button || button.disabled) return;
    const id = JSON.parse(button.id);
    fields.flush();
    afterMenu(button, () => act(id.action, id.index, button));
  }, { capture: true });
}

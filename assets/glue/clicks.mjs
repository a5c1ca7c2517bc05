/**
 * Clicks on what has an action, heard straight from the page: Dash takes tens of milliseconds to
 * hand one over. Only when it ends the editing of a field does a click go through Dash, so that
 * it comes after that field's value.
 */

import { on, set } from "./bridge.mjs";
import { ACTION, domId } from "./ids.mjs";

const KNOB = 'input[id*=\'"knob":\'], textarea[id*=\'"knob":\']';
const BUTTON = '[id^=\'{"action":\']';

const MOST_FRAMES = 30; // a menu that does not close

let endsEditing = false;
let turn = 0;

/** At once; for an entry of a menu when that has closed and has given the focus back. */
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
  document.addEventListener("pointerdown", () => {
    endsEditing = document.activeElement?.matches(KNOB) ?? false;
  }, { capture: true });
  document.addEventListener("click", (event) => {
    const isLate = endsEditing;
    endsEditing = false;
    const button = event.target.closest?.(BUTTON);
    if (!button || button.disabled) return;
    const id = JSON.parse(button.id);
    if (isLate) set(ACTION, { data: { id, turn: ++turn } });
    else afterMenu(button, () => act(id.action, id.index, button));
  }, { capture: true });
}

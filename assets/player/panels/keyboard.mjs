/** Keys for the whole page: space plays, arrows step, Home and End jump. */

/** Things that have a use of their own for these keys. */
const TYPING = "input, textarea, select, [contenteditable='true'], [role=slider], [role=combobox], "
  + "[role=listbox], [role=menu], [role=dialog], [role=radiogroup], [role=tablist], math-field";
const PRESSABLE = "button, a, summary, [role=button], [role=switch], [role=menuitem]";

/**
 * @param {{toggle: () => void, move: (by: number) => void, home: () => void, end: () => void}} actions
 */
export function listenToKeys(actions) {
  /** @type {Record<string, () => void>} */
  const act = {
    " ": actions.toggle, ArrowLeft: () => actions.move(-1), ArrowRight: () => actions.move(1),
    Home: actions.home, End: actions.end,
  };
  document.addEventListener("keydown", (event) => {
    const target = /** @type {Element} */ (event.target);
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
    if (!act[event.key] || target.closest?.(TYPING)) return;
    if (event.key === " " && target.closest?.(PRESSABLE)) return; // space presses it
    event.preventDefault();
    act[event.key]();
  });
}

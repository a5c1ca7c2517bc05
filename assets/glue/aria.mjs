/**
 * Mantine's menus put `aria-expanded` and its kin on a wrapper without a role, where they
 * mean nothing: they belong to the button inside.
 */

const STATES = ["aria-expanded", "aria-haspopup", "aria-controls"];

function move(wrapper) {
  if (wrapper.tagName !== "DIV" || wrapper.hasAttribute("role")) return;
  const button = wrapper.querySelector(":scope > button");
  if (!button) return;
  for (const state of STATES) {
    const value = wrapper.getAttribute(state);
    if (value === null) continue;
    button.setAttribute(state, value);
    wrapper.removeAttribute(state);
  }
  if (button.getAttribute("aria-expanded") === "false") button.removeAttribute("aria-controls");
}

/** Put right what is there, and what comes. */
export function watch() {
  const all = (root) => root.querySelectorAll?.("div[aria-haspopup]").forEach(move);
  all(document);
  new MutationObserver((changes) => {
    for (const change of changes) {
      if (change.type === "attributes") move(change.target);
      else change.addedNodes.forEach(all);
    }
  }).observe(document.body, {
    subtree: true, childList: true, attributes: true, attributeFilter: STATES,
  });
}

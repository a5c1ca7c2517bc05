/**
 * What Mantine's menus tell those who hear the page, put right: `aria-expanded` and its kin
 * stand on a wrapper without a role, where they mean nothing, instead of on the button inside;
 * and an open menu begins with an empty element that is no menu item.
 */

const STATES = ["aria-expanded", "aria-haspopup", "aria-controls"];

/** @param {Element} wrapper */
function moveStates(wrapper) {
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

/** @param {ParentNode} root */
function mend(root) {
  if (!root.querySelectorAll) return;
  root.querySelectorAll("div[aria-haspopup]").forEach(moveStates);
  for (const empty of root.querySelectorAll("div[data-autofocus]:empty")) {
    if (empty.closest("[role=menu]")) empty.setAttribute("aria-hidden", "true");
  }
}

/** Mend what is there, and what comes. */
export function watch() {
  mend(document);
  new MutationObserver((changes) => {
    for (const change of changes) {
      if (change.type === "attributes") moveStates(/** @type {Element} */ (change.target));
      else change.addedNodes.forEach((node) => mend(node.parentNode ?? /** @type {Element} */ (node)));
    }
  }).observe(document.body, {
    subtree: true, childList: true, attributes: true, attributeFilter: STATES,
  });
}

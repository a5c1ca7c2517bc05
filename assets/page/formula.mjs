/**
 * Sets server-made MathML: React would put it into the wrong namespace, where it shows as
 * flat text. Any element with `data-mathml` is filled, now and whenever it changes.
 */

const LARGEST = 16;
const SMALLEST = 11; // px

const SHARE = 0.2; // of the window, that the formula of a presentation may be high: present.css
const AHEAD = "600px"; // of the window, so that nothing seen changes its size

/** @param {HTMLElement} element */
function fill(element) {
  if (element.dataset.shown === element.dataset.mathml) return;
  element.dataset.shown = element.dataset.mathml;
  element.innerHTML = element.dataset.mathml;
  fitWhenNear(element);
}

/** Fit a formula that is set already, when it comes near the window. @param {HTMLElement} element */
export function fitWhenNear(element) {
  near.unobserve(element);
  near.observe(element);
}

/** Measuring is dear, and a catalogue has a hundred formulas: each is fitted when it comes near. */
const near = new IntersectionObserver((found) => {
  for (const { isIntersecting, target } of found) {
    if (!isIntersecting) continue;
    near.unobserve(target);
    fit(/** @type {HTMLElement} */ (target));
  }
}, { rootMargin: AHEAD });

/** Smaller type where a formula needs more room than it has; then it scrolls. @param {HTMLElement} element */
async function fit(element) {
  await document.fonts.ready;
  for (let size = LARGEST; size >= SMALLEST; size--) {
    element.style.fontSize = `calc(${size}px * var(--grown, 1))`;
    const isLow = !element.matches(".presented-formula") || element.scrollHeight <= SHARE * innerHeight;
    if (isLow && element.scrollWidth <= element.clientWidth) return;
  }
  element.classList.add("is-wide");
  element.tabIndex = 0; // what can be scrolled can be reached with the keyboard
}

/** @param {ParentNode} root */
const fillAll = (root) => root.querySelectorAll?.("[data-mathml]").forEach(fill);

/** Watch the page from now on. */
export function watch() {
  fillAll(document);
  new MutationObserver((changes) => {
    for (const change of changes) {
      if (change.type === "attributes") fill(/** @type {HTMLElement} */ (change.target));
      else {
        const nodes = /** @type {NodeListOf<HTMLElement>} */ (change.addedNodes);
        nodes.forEach((node) => (node.dataset?.mathml ? fill(node) : fillAll(node)));
      }
    }
  }).observe(document.body, {
    subtree: true,
    childList: true,
    attributes: true,
    attributeFilter: ["data-mathml"],
  });
}

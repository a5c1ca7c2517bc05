/**
 * The guide beside the landing scene: three steps, each one click. Closed once it stays closed, in
 * this browser.
 */

const GUIDE = "guide", KEY = "nnopt-guide";

/**
 * @typedef {{seek?: number, compare?: [number, number], start?: [number, number]}} Does
 * @typedef {(does: Does) => void} Act
 */

const place = () => document.getElementById(GUIDE);

function isClosed() {
  try {
    return localStorage.getItem(KEY) === "closed";
  } catch {
    return false; // no storage: it comes with every visit
  }
}

/** Show it, unless it was closed before. */
export function begin() {
  const guide = place();
  if (!guide || isClosed()) return;
  guide.hidden = false;
  show(guide, 0);
}

/** @param {HTMLElement} guide @param {number} at steps taken */
function show(guide, at) {
  const parts = /** @type {NodeListOf<HTMLElement>} */ (guide.querySelectorAll("[data-at]"));
  const count = JSON.parse(guide.dataset.does).length;
  for (const part of parts) part.hidden = Number(part.dataset.at) !== at;
  guide.querySelector(".guide-count").textContent = at ? `${at} of ${count}` : "";
  guide.classList.toggle("is-begun", at > 0);
}

/** A button of it. @param {number|"close"} what @param {Act} act */
export function press(what, act) {
  const guide = place();
  if (!guide) return;
  if (what === "close") {
    guide.hidden = true;
    try {
      localStorage.setItem(KEY, "closed");
    } catch {
      // it is closed for this visit
    }
    return;
  }
  const had = guide.contains(document.activeElement);
  show(guide, what);
  if (had) /** @type {HTMLElement} */ (guide.querySelector(`[data-at="${what}"]:is(button, a)`))?.focus();
  act(JSON.parse(guide.dataset.does)[what - 1]);
}

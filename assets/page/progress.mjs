/** How far someone has come in the lessons: kept in this browser, sent nowhere. */

const KEY = "nnopt-lessons";

/**
 * @typedef {{choice?: number, number?: number, place?: {x: number, y: number}, shown?: true, asked?: string}} Said
 *   asked: a mark of the question, so that an answer isn't taken for one to a later wording
 */

/** @returns {Record<string, Record<string, Said>>} lesson -> step -> what was predicted */
function all() {
  try {
    const kept = JSON.parse(localStorage.getItem(KEY) ?? "{}");
    return typeof kept === "object" && kept !== null && !Array.isArray(kept) ? kept : {};
  } catch {
    return {}; // no storage, or not ours
  }
}

/** @param {Record<string, Record<string, Said>>} kept */
function write(kept) {
  try {
    localStorage.setItem(KEY, JSON.stringify(kept));
  } catch {
    // without storage the progress lasts as long as the page
  }
  mark();
}

/**
 * What was predicted in a step; null when nothing was.
 * @param {string} lesson @param {number} step @returns {Said|null}
 */
export function said(lesson, step) {
  const found = all()[lesson]?.[step];
  return typeof found === "object" ? found : null;
}

/** Keep a prediction; null forgets it. @param {Said|null} prediction @param {string} lesson @param {number} step */
export function keep(lesson, step, prediction) {
  const kept = all();
  kept[lesson] = { ...kept[lesson], [step]: prediction };
  if (!prediction) delete kept[lesson][step];
  write(kept);
}

/** Say beside each lesson how many of its steps are done. */
export function mark() {
  const kept = all();
  for (const link of document.querySelectorAll("[data-progress]")) {
    const of = Number(link.dataset.steps);
    const done = Math.min(of, Object.keys(kept[link.dataset.progress] ?? {}).length);
    link.toggleAttribute("data-done", done === of);
    const words = link.querySelector(".learn-steps");
    if (words) words.textContent = done === of ? "done" : done ? `${done} of ${of} steps done` : `${of} steps`;
    if (done === of) link.setAttribute("aria-description", "done");
    else link.removeAttribute("aria-description");
  }
}

/** Mark the lists of lessons as they come, and listen for those who want to begin anew. */
export function watch() {
  mark();
  new MutationObserver((changes) => {
    /** @param {Node} node */
    const isList = (node) => /** @type {Element} */ (node).querySelector?.("[data-progress]");
    if (changes.some((change) => [...change.addedNodes].some(isList))) mark();
  }).observe(document.body, { subtree: true, childList: true });
  document.addEventListener("click", (event) => {
    if (/** @type {Element} */ (event.target).closest(".forget")) write({});
  });
}

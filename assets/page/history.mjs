/**
 * The address: replaced while something slides, a new entry when something else is chosen. What
 * the page itself keeps there (`hide=…`) stays; the address of a lesson names no scenario.
 */

const QUIET = 250; // ms between replacements: browsers refuse too many

/** What the next canonical query does. @type {"push"|"replace"|null} */
let pending = null;
let timer = 0;

/** A change has been made; the canonical query that follows belongs to it. @param {"push"|"replace"|null} kind */
export function expect(kind) {
  pending = pending === "push" ? "push" : kind;
}

/** The server named the canonical query of what is shown. @param {string} query */
export function settle(query) {
  clearTimeout(timer);
  if (pending === "push") write("push", query);
  else timer = setTimeout(() => write("replace", query), pending ? QUIET : 0);
  pending = null;
}

/** @param {"push"|"replace"} kind @param {string} query */
function write(kind, query) {
  if (!["/", "/network"].includes(location.pathname)) return; // a lesson
  const hide = location.search.match(/[?&](hide=[^&]*)/u);
  const search = `?${query}${hide ? `&${hide[1]}` : ""}`;
  if (location.search === search) return;
  const address = location.pathname + search;
  if (kind === "push") history.pushState({}, "", address);
  else history.replaceState({}, "", address);
}

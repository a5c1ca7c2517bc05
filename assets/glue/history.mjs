/**
 * The address: replaced while something slides, a new entry when something else is chosen. What
 * the page itself keeps there (`hide=…`) stays; the address of a lesson names no scenario.
 */

const QUIET = 250; // ms between replacements: browsers refuse too many

let pending = null; // "push" | "replace" | null: what the next canonical query does
let timer = 0;

/** A change has been made; the canonical query that follows belongs to it. */
export function expect(kind) {
  pending = pending === "push" ? "push" : kind;
}

/** The server named the canonical query of what is shown. */
export function settle(query) {
  clearTimeout(timer);
  if (pending === "push") write("push", query);
  else timer = setTimeout(() => write("replace", query), pending ? QUIET : 0);
  pending = null;
}

function write(kind, query) {
  if (!["/", "/network"].includes(location.pathname)) return; // a lesson
  const hide = location.search.match(/[?&](hide=[^&]*)/u);
  const search = `?${query}${hide ? `&${hide[1]}` : ""}`;
  if (location.search === search) return;
  const address = location.pathname + search;
  if (kind === "push") history.pushState({}, "", address);
  else history.replaceState({}, "", address);
}

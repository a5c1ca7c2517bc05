/**
 * The address: replaced while something slides, a new entry when something else is chosen. The
 * viewing keys (`hide=…`) stay there; the address of a lesson names no scenario.
 */

import * as viewing from "./viewing.mjs";

const QUIET = 250; // ms between replacements: browsers refuse too many

/** What the next canonical query does. @type {"push"|"replace"|null} */
let pending = null;
let timer = 0;
/** The canonical query of what is shown. */
let latest = "";

/** A change has been made; the canonical query that follows belongs to it. @param {"push"|"replace"|null} kind */
export function expect(kind) {
  pending = pending === "push" ? "push" : kind;
}

/** The server named the canonical query of what is shown. @param {string} query */
export function settle(query) {
  clearTimeout(timer);
  latest = query;
  if (pending === "push") write("push", query);
  else timer = setTimeout(() => write("replace", query), pending ? QUIET : 0);
  pending = null;
}

const isQuestion = () => ["/", "/network"].includes(location.pathname);

/** What the address asks besides what is seen: of a race or a training its canonical query. */
export const question = () => (isQuestion() && latest
  || location.search.slice(1).split("&").filter((part) => part && !viewing.isViewing(part)).join("&"));

/** A viewing key has changed: into the address on every page; together with a question, with that. */
export function again() {
  if (isQuestion()) {
    if (latest && !pending) write("replace", latest);
    return;
  }
  const search = viewing.beside(question()), address = `${location.pathname}${search && `?${search}`}${location.hash}`;
  if (!location.href.endsWith(address)) history.replaceState(history.state, "", address);
}

/** @param {"push"|"replace"} kind @param {string} query */
function write(kind, query) {
  if (!isQuestion()) return; // a lesson
  const search = `?${viewing.beside(query)}`;
  if (location.search === search) return;
  const address = location.pathname + search;
  if (kind === "push") history.pushState({}, "", address);
  else history.replaceState({}, "", address);
}

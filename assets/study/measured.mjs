/** What an experiment has measured: a table, and which of its sentences hold. */

import { el } from "../player/core/dom.mjs";

/**
 * @typedef {{key: string, words: string, kind: "interval"|"range", note: string,
 *   shown: string, spread: string}} Measured
 * @typedef {{text: string, key: string, holds: boolean}} Claimed
 * @typedef {{done: number, numbers: Measured[], claims: Claimed[]}} Found
 * @typedef {{settings: string, query: string}} Elsewhere settings that other sentences are about
 */

const FEW = "Below six repetitions a median has no 95 % interval: the range of all is shown.";

/** @param {Measured[]} numbers @returns {Node[]} */
export function table(numbers) {
  const rows = numbers.map((one) => el("tr", {},
    el("th", { scope: "row" }, one.words, ...(one.note ? [el("span", { class: "study-aside" }, one.note)] : [])),
    el("td", {}, one.shown), el("td", {}, one.spread)));
  const hasRange = numbers.some((one) => one.kind === "range");
  const head = ["Measured", "median, or share", hasRange ? "95 % interval, or range" : "95 % interval"]
    .map((words) => el("th", { scope: "col" }, words));
  return [
    el("h2", {}, "Measured"), ...(hasRange ? [el("p", {}, FEW)] : []),
    el("div", { class: "study-table", tabindex: 0, role: "region", "aria-label": "Everything measured" },
      el("table", {}, el("thead", {}, el("tr", {}, ...head)), el("tbody", {}, ...rows))),
  ];
}

/**
 * The sentences that are about these settings, each with what was measured for it.
 * @param {Found} found
 * @param {Elsewhere[]} elsewhere
 * @param {string} page its address
 * @returns {Node[]}
 */
export function sentences({ done, numbers, claims }, elsewhere, page) {
  const items = claims.map(({ text, key, holds }) => {
    const { shown, spread, note } = numbers.find((one) => one.key === key);
    const mark = el("span", { class: "claim-mark", role: "img", "aria-label": holds ? "holds" : "not shown" },
      holds ? "✓" : "✗");
    const measured = `${holds ? "" : "Not shown here. "}Measured: ${shown} (${spread}${note && `; ${note}`}).`;
    return el("li", { class: holds ? "does-hold" : null }, mark,
      el("span", {}, text, " ", el("span", { class: "claim-now" }, measured)));
  });
  const links = elsewhere.flatMap(({ settings, query }, at) =>
    [at ? "; " : "", el("a", { href: `${page}?${query}` }, settings)]);
  return [
    done < 1 ? el("p", { class: "claim-now" }, "Its sentences are judged when everything is measured.")
      : el("ul", { class: "claims" }, ...items),
    ...(links.length ? [el("p", { class: "claim-now" }, "Other sentences are about ", ...links, ".")] : []),
  ];
}

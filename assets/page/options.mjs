/** How the menus of Mantine's show and find an option: with a picture, or with what it does. */

import { meant, plain, rank } from "./search.mjs";

/**
 * @typedef {{value: string, label: string}} Option
 * @typedef {{group: string, items: Option[]}} Group
 */

/** What the optimizers are, and by what they are found. @type {Record<string, {about: string, words: string}>} */
let about = {};

/** @param {typeof about} given what `page/declared.py` says of them */
export const know = (given) => (about = given);

/** A mask, inked by the style sheet. @param {{option: {label: string, picture: string}, checked: boolean}} shown */
function withPicture({ option, checked }) {
  const element = window.React.createElement;
  const line = element("span", {
    className: "spark",
    style: { maskImage: `url(${option.picture})` },
    "aria-hidden": true,
  });
  const className = checked ? "with-picture is-chosen" : "with-picture";
  return element("span", { className }, line, element("span", null, option.label));
}

/** An optimizer and what it does. @param {{option: Option, checked: boolean}} shown */
function withWords({ option, checked }) {
  const element = window.React.createElement;
  const className = checked ? "with-words is-chosen" : "with-words";
  return element("span", { className }, element("b", null, option.label),
    element("span", null, about[option.value]?.about));
}

/** @param {Option} option @param {string} query */
const rankOf = ({ value }, query) => rank({ name: value, about: "", words: "", ...about[value] }, query);

/**
 * The optimizers that answer a query, the best first; else the one that may have been meant.
 * @param {{options: Group[], search: string}} asked @returns {Group[]}
 */
export function byWords({ options, search }) {
  const query = plain(search);
  if (!query) return options;
  const groups = options.map(({ group, items }) => {
    const found = items.map((item) => ({ item, at: rankOf(item, query) })).filter(({ at }) => at < Infinity)
      .sort((a, b) => a.at - b.at);
    return { group, items: found.map(({ item }) => item), at: found[0]?.at ?? Infinity };
  }).filter(({ items }) => items.length).sort((a, b) => a.at - b.at);
  if (groups.length) return groups.map(({ group, items }) => ({ group, items }));
  const all = options.flatMap(({ items }) => items), near = meant(query, all.map(({ value }) => value));
  const items = all.filter(({ value }) => value === near);
  return near ? [{ group: `Nothing found; the nearest is ${near}`, items }] : [];
}

/** Offer them under the names that `page/callbacks.py` hands on to Mantine. */
export function offer() {
  window.nnoptMenus = { withPicture, withWords, byWords };
}

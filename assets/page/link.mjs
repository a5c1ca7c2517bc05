/** The link as text, and what is taken away from the page. */

import { set } from "./bridge.mjs";
import { LINK_TEXT, OPEN_RACE } from "./ids.mjs";
import { wrapped } from "./query.mjs";
import { beside } from "./viewing.mjs";

/** @param {Event} event */
const fieldOf = (event) => /** @type {HTMLTextAreaElement} */ (event.target);

/**
 * Show a query as the page's link, and point the data links at it.
 * @param {string} query @param {import("./scenario.mjs").Format[]} formats
 */
export function show(query, formats) {
  document.getElementById(OPEN_RACE)?.setAttribute("href", `/?${query}`);
  if (!document.getElementById(LINK_TEXT)) return; // a lesson
  if (document.activeElement?.id !== LINK_TEXT) set(LINK_TEXT, { value: wrapped(beside(query)) });
  for (const { name } of formats) set(`data-${name}`, { href: `/run.${name}?${query}` });
}

/**
 * Call back with the text when the visitor has edited it: on Enter and on leaving the field.
 * @param {(query: string) => void} apply
 */
export function onEdit(apply) {
  /** @param {HTMLTextAreaElement} field */
  const send = (field) => {
    const text = field.value.replace(/\s*\n\s*/gu, "").trim();
    const at = text.indexOf("?");
    apply(at < 0 ? text : text.slice(at + 1)); // a whole address may be pasted too
  };
  document.addEventListener("keydown", (event) => {
    const field = fieldOf(event);
    if (field.id !== LINK_TEXT || event.key !== "Enter") return;
    event.preventDefault();
    send(field);
  });
  document.addEventListener("change", (event) => {
    const field = fieldOf(event);
    if (field.id === LINK_TEXT) send(field);
  });
}

/** Put a text on the clipboard. @param {string} text @param {HTMLElement} [within] an open dialog */
export async function write(text, within = document.body) {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    // no clipboard without https or permission: copy through a selected field
    const field = document.createElement("textarea");
    field.value = text;
    within.append(field);
    field.select();
    document.execCommand("copy");
    field.remove();
  }
}

/** Plain sentences above the stage: what was repaired, what the server refused. */

import { NOTICE } from "./ids.mjs";

/** An address of ours in a sentence, without the full stop behind it. */
const ADDRESS = /(?<![\w/])\/(?:network|catalogue|learn|experiments)(?![\w/-])(?:\?[\w.,()=*/;:~!'"%&-]*[\w)"])?/gu;

/** A sentence as plain text, its addresses as links. @param {string} sentence @returns {(string|HTMLElement)[]} */
export function linked(sentence) {
  /** @type {(string|HTMLElement)[]} */
  const pieces = [];
  let at = 0;
  for (const { 0: address, index } of sentence.matchAll(ADDRESS)) {
    const link = Object.assign(document.createElement("a"), { href: address, textContent: address });
    pieces.push(sentence.slice(at, index), link);
    at = index + address.length;
  }
  return [...pieces, sentence.slice(at)];
}

/** Show sentences, or nothing. @param {string[]} sentences */
export function say(sentences) {
  const place = document.getElementById(NOTICE);
  if (!place) return;
  /** @type {HTMLElement[]} */
  const lines = sentences.map((sentence) => {
    const line = document.createElement("p");
    line.append(...linked(sentence));
    return line;
  });
  if (lines.length) lines.push(closeButton());
  place.replaceChildren(...lines);
}

/** One more sentence. @param {string} sentence */
export function add(sentence) {
  const said = [...document.querySelectorAll(`#${NOTICE} p`)].map((line) => line.textContent);
  say([...said, sentence]);
}

function closeButton() {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "notice-close";
  button.setAttribute("aria-label", "Close this message");
  button.addEventListener("click", () => say([]));
  return button;
}

/**
 * What a failed request means, in words.
 * @param {{status: number, body: import("../player/core/stream.mjs").Refusal|string|null}} problem
 */
export function explain({ status, body }) {
  const fault = typeof body === "string" ? null : body?.error; // a text comes from between us and the server
  if (fault?.message) return fault.message;
  return `The server answered with status ${status}.`;
}

/** Plain sentences above the stage: what was repaired, what the server refused. */

import { NOTICE } from "./ids.mjs";

/** Show sentences, or nothing. @param {string[]} sentences */
export function say(sentences) {
  const place = document.getElementById(NOTICE);
  if (!place) return;
  /** @type {HTMLElement[]} */
  const lines = sentences.map((sentence) => {
    const line = document.createElement("p");
    line.textContent = sentence;
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

/** One quiet line about the server: that it does not answer, is busy or at fault, and what that means here. */

import { el } from "../player/core/dom.mjs";
import { onChange, trouble, tryNow, watch as watchServer } from "../player/core/server.mjs";
import { PAGE } from "./ids.mjs";

const words = el("span", { role: "status" });
// It counts down, and would be heard every second.
const next = el("span", { class: "server-next", "aria-hidden": "true" });
const button = el("button", { type: "button", onclick: () => tryNow() }, "Try now");
const line = el("aside", { class: "server-line", "aria-label": "Connection", hidden: true }, words, next, button);
let ticking = 0;
let wasLost = false;

function show() {
  clearTimeout(ticking);
  const found = trouble(document.getElementById("transport") !== null);
  line.hidden = !found;
  // Dash's first request may have failed: there is nothing on the page then that could be lost.
  if (wasLost && !found && !document.getElementById(PAGE)) location.reload();
  wasLost = found !== null;
  const text = found ? `${found.text} ` : "";
  if (words.firstChild?.textContent !== text) {
    words.replaceChildren(text, ...(found ? [el("span", { class: "hidden-title" }, "The page keeps trying.")] : []));
  }
  if (!found) return;
  const left = Math.ceil((found.at - Date.now()) / 1000);
  next.textContent = left > 0 ? `Trying again in ${left} s.` : "Trying again.";
  ticking = setTimeout(show, 500);
}

/** Say it from now on. */
export function watch() {
  document.body.append(line);
  onChange(show);
  watchServer();
}

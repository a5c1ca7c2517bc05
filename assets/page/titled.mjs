/** Title and note: above the stage, and in the name of the tab. Plain text, whatever stands there. */

import { el } from "../player/core/dom.mjs";
import { TITLED } from "./ids.mjs";
import * as viewing from "./viewing.mjs";

const NAME = "nnopt_viz";

/** The tab's own name. */
let own = "";

/** @param {import("./viewing.mjs").Viewing} shown */
function show({ title, note }) {
  own ||= document.title;
  document.title = title ? `${title} · ${NAME}` : own;
  const place = document.getElementById(TITLED);
  if (!place) return;
  place.replaceChildren(...(title ? [el("h2", { class: "title" }, title)] : []),
    ...(note ? [el("p", { class: "note" }, note)] : []));
  fit(place);
}

/** The stage is as high as the window lets it be: it must know how much is taken. @param {HTMLElement} place */
function fit(place) {
  const height = place.childNodes.length ? place.offsetHeight : 0;
  place.parentElement.style.setProperty("--titled", `${height}px`);
}

export function watch() {
  viewing.onChange(show);
  addEventListener("resize", () => {
    const place = document.getElementById(TITLED);
    if (place) fit(place);
  });
}

/** The line that says, while presenting, what is seen: the surface and its formula, or what is trained; the runs. */

import { el } from "../player/core/dom.mjs";
import { asked, onAsked } from "./asked.mjs";
import { PRESENTED } from "./ids.mjs";
import { spoken, written } from "./knobs.mjs";
import * as viewing from "./viewing.mjs";

/** @typedef {import("./asked.mjs").Asked} Asked */

/** @param {string} selector */
const textOf = (selector) => document.querySelector(selector)?.textContent ?? "";

/** The numbers of a call, in words. @param {import("./scenario.mjs").Call} call */
const numbers = ({ knobs }) => Object.entries(knobs).filter(([, value]) => typeof value === "number")
  .map(([name, value]) => `${name} = ${spoken(written(value))}`).join(", ");

/** A surface: its name, its formula as it stands in the rail, and its knobs. @param {Asked} asked */
function surface({ spec }) {
  const name = viewing.current().names?.surface || textOf("#surface-button .surface-title");
  /** @type {HTMLElement|null} */
  const formula = document.querySelector("#surface-panel .formula"), values = numbers(spec.surface);
  return [
    el("strong", {}, name),
    ...(formula ? [el("span", {
      class: "presented-formula", role: "math", "aria-label": formula.getAttribute("aria-label"),
      "data-mathml": formula.dataset.mathml,
    })] : []),
    ...(values ? [el("span", {}, values)] : []),
  ];
}

/** What is trained on what. @param {Asked} asked */
function training({ spec: { net, data, init } }) {
  const { hidden, activation } = net.knobs, size = textOf(".section-net .section-head span");
  const shape = [hidden && `hidden ${hidden}`, activation, size].filter(Boolean).join(", ");
  const values = numbers(data);
  return [
    el("strong", {}, viewing.current().names?.surface || `${net.name} on ${data.name}`),
    el("span", {}, shape), ...(values ? [el("span", {}, values)] : []),
    el("span", {}, `start weights ${init.name.replaceAll("_", " ")}`),
  ];
}

function show() {
  const place = document.getElementById(PRESENTED), now = asked();
  if (place && now) place.replaceChildren(...("net" in now.spec ? training(now) : surface(now)));
}

export function watch() {
  onAsked(show);
  viewing.onChange(show);
}

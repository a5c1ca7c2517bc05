/** What comes of a formula before it is raced: its picture and gradient, or a short trial of the rule. */

import { el } from "../player/core/dom.mjs";
import { compact, counted } from "../player/core/format.mjs";

const WIDE = 220, HIGH = 56; // px of the trial's curve
const SVG = "http://www.w3.org/2000/svg";

/**
 * @typedef {object} Explained what /check.json answers
 * @property {{mathml: string, gradient: string[], pictures: Record<string, string>, minima: string,
 *   name: string}} surface pictures: data URLs, by theme
 * @property {{loss: (number|null)[], verdict: string}[]} runs a trial of each
 * @property {number} steps of the trial
 * @property {string[]} notes what was read as something else
 */

export class Preview {
  /** @param {"surface"|"run"} part */
  constructor(part) {
    this.part = part;
    this.root = el("div", { class: "ed-preview" });
  }

  fade() {
    this.root.classList.add("is-old");
  }

  /** Show what the server answered. @returns {string} a sentence about it @param {Explained} body */
  show(body) {
    this.root.classList.remove("is-old");
    return this.part === "surface" ? this.#surface(body.surface) : this.#run(body);
  }

  /** @param {Explained["surface"]} surface */
  #surface({ mathml, gradient, pictures, minima, name }) {
    const shade = el("span", { class: "stamp-shade" });
    for (const [theme, picture] of Object.entries(pictures)) {
      shade.style.setProperty(`--stamp-${theme}`, `url(${picture})`);
    }
    const lines = [mathml, ...gradient].filter(Boolean);
    const formulas = lines.map((markup) => el("div", { class: "formula", "data-mathml": markup }));
    this.root.replaceChildren(el("span", { class: "stamp ed-stamp", "aria-hidden": "true" }, shade),
      el("div", { class: "ed-formulas", tabindex: 0, role: "region", "aria-label": "Formula and gradient" },
        ...formulas));
    return `Good: ${minima} in this region${name === "formula" ? "" : ` of ${name}`}.`;
  }

  /** @param {Explained} body */
  #run({ runs: [run], steps }) {
    this.root.replaceChildren(curve(run.loss),
      el("p", {}, `Loss ${said(run.loss[0])} → ${said(run.loss.at(-1))} in ${counted(steps, "step")} from the start, `
        + "on this surface."));
    return `Good: ${run.verdict.toLowerCase()} after ${counted(steps, "step")}.`;
  }
}

/** @param {number|null|undefined} loss */
const said = (loss) => (loss === null || loss === undefined ? "not a number" : compact(loss, 3));

/** The loss on a log scale, the lowest at the bottom. @param {(number|null)[]} losses */
function curve(losses) {
  const known = losses.filter((loss) => loss !== null);
  const low = Math.min(...known);
  const heights = losses.map((loss) => (loss === null ? null : Math.log10(1 + loss - low)));
  const top = Math.max(...heights.filter((h) => h !== null), 1e-9);
  const points = heights.flatMap((h, i) => (h === null ? [] :
    [`${((i / Math.max(losses.length - 1, 1)) * WIDE).toFixed(1)},${(HIGH - 3 - (h / top) * (HIGH - 6)).toFixed(1)}`]));
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", `0 0 ${WIDE} ${HIGH}`);
  svg.setAttribute("class", "ed-curve");
  svg.setAttribute("aria-hidden", "true");
  const line = document.createElementNS(SVG, "polyline");
  line.setAttribute("points", points.join(" "));
  svg.append(line);
  return svg;
}

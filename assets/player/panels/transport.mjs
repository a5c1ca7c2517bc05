/** The transport bar: first, back, play, on, last; the step slider with its marks; the speed. */

import { SPEEDS } from "../core/clock.mjs";
import { el, segmented } from "../core/dom.mjs";
import { svg, symbolIcon } from "../views/draw.mjs";

const ICONS = {
  home: "M4 3V13M13 3L6 8L13 13Z", back: "M10 3.5L5.5 8L10 12.5", play: "M5 3L13 8L5 13Z",
  pause: "M5 3V13M11 3V13", on: "M6 3.5L10.5 8L6 12.5", end: "M12 3V13M3 3L10 8L3 13Z",
};
/** @type {Record<number, string>} */
const SPEED_LABELS = { 0.25: "¼×", 1: "1×", 2: "2×", 4: "4×" };
const SAME_PLACE = 0.016; // share of the slider within which marks are stacked

/** @param {keyof typeof ICONS} name */
const icon = (name) => svg(ICONS[name], 16, `nn-icon-${name}`);

export class Transport {
  /**
   * @param {HTMLElement} root empty
   * @param {{home: () => void, back: () => void, toggle: () => void, on: () => void, end: () => void,
   *   seek: (step: number) => void, speed: (k: number) => void}} actions
   */
  constructor(root, actions) {
    /** @param {keyof typeof ICONS} name @param {string} title @param {() => void} act */
    const button = (name, title, act) => el(
      "button", { type: "button", class: `nn-${name}`, "aria-label": title, title, onclick: act }, icon(name));
    this.play = button("play", "Play", actions.toggle);
    this.slider = el("input", {
      type: "range", min: 0, max: 0, step: 1, value: 0, "aria-label": "Step", class: "nn-slider",
      oninput: () => actions.seek(Number(this.slider.value)),
    });
    this.marks = el("div", { class: "nn-marks", "aria-hidden": "true" });
    this.now = el("strong", {}, "0");
    this.of = el("span", {}, "0");
    this.count = el("div", { class: "nn-step" });
    this.speeds = segmented({
      label: "Speed", value: "1", onchange: (k) => actions.speed(Number(k)),
      choices: SPEEDS.map((k) => ({ value: String(k), label: SPEED_LABELS[k], title: `Speed ${SPEED_LABELS[k]}` })),
    });
    root.classList.add("nn-transport");
    root.replaceChildren(
      el("div", { class: "nn-buttons" },
        button("home", "To the start", actions.home), button("back", "One step back", actions.back), this.play,
        button("on", "One step on", actions.on), button("end", "To the end", actions.end)),
      el("div", { class: "nn-track" }, this.marks, this.slider),
      this.count,
      this.speeds.root,
    );
    this.root = root;
    /** @type {{step?: number, steps?: number, playing?: boolean, fill?: string, ready?: string, isBare?: boolean}} */
    this.shown = {};
    this.told = -1; // the last step whose marks are shown
  }

  /**
   * @param {{step: number, time: number, steps: number, playing: boolean, available: number}} clock
   * @param {boolean} [isBare] nothing is there to be played
   */
  update({ step, time, steps, playing, available }, isBare = false) {
    const { shown } = this;
    if (shown.isBare !== isBare) {
      this.count.replaceChildren(...(isBare ? ["no steps yet"] : ["step ", this.now, " of ", this.of]));
    }
    if (shown.playing !== playing) {
      const name = playing ? "Pause" : "Play";
      this.play.replaceChildren(icon(playing ? "pause" : "play"));
      this.play.setAttribute("aria-label", name);
      this.play.title = name;
    }
    if (shown.steps !== steps) {
      this.slider.max = String(steps);
      this.of.textContent = String(steps);
      this.root.style.setProperty("--nn-digits", String(String(steps).length));
    }
    if (shown.step !== step || shown.steps !== steps) {
      this.slider.value = String(step);
      this.now.textContent = String(step);
      this.slider.setAttribute("aria-valuetext", `step ${step} of ${steps}`);
    }
    /** @param {number} value */
    const percent = (value) => `${steps ? Math.max(0, (100 * value) / steps) : 0}%`;
    const fill = percent(time), ready = percent(available);
    if (shown.fill !== fill) this.slider.style.setProperty("--nn-fill", fill);
    if (shown.ready !== ready) this.slider.style.setProperty("--nn-ready", ready);
    this.shown = { step, steps, playing, fill, ready, isBare };
  }

  /**
   * Where each run settled or reached its minimum.
   * @param {import("../core/stream.mjs").Outcome[]} outcomes @param {number} steps
   */
  mark(outcomes, steps) {
    this.told = -1;
    const placed = outcomes
      .filter((o) => o.first_within !== null && o.first_within !== undefined && steps > 0)
      .sort((a, b) => a.first_within - b.first_within);
    let last = -1, level = 0;
    this.marks.replaceChildren(...placed.map((outcome) => {
      const share = outcome.first_within / steps;
      level = last >= 0 && share - last < SAME_PLACE ? level + 1 : 0;
      last = share;
      const mark = symbolIcon(outcome.run, 9);
      mark.style.setProperty("--nn-at", `${100 * share}%`);
      mark.style.setProperty("--nn-level", String(Math.min(level, 2)));
      mark.dataset.step = String(outcome.first_within);
      return mark;
    }));
  }

  /** Marks of what has not been seen yet wait. @param {number} step */
  tellUpTo(step) {
    if (step <= this.told) return;
    this.told = step;
    for (const mark of /** @type {NodeListOf<HTMLElement>} */ (this.marks.querySelectorAll("[data-step]"))) {
      mark.classList.toggle("is-to-come", Number(mark.dataset.step) > step);
    }
  }
}

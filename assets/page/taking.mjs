/** What is to be taken, how large and when: a small dialog for a picture, another for a film. */

import { el, segmented } from "../player/core/dom.mjs";
import { counted } from "../player/core/format.mjs";

/**
 * @typedef {import("../player/export/exporter.mjs").Taken} Taken
 * @typedef {import("../player/export/exporter.mjs").Size} Size
 * @typedef {import("../player/export/encoders.mjs").FilmKind} FilmKind
 * @typedef {{name: Taken, format: "png"|"svg", size: Size, step: number}} PictureWish
 * @typedef {{kind: FilmKind, seconds: number, height: number}} FilmWish
 */

const VIEWS = /** @type {{value: Taken, label: string}[]} */ ([
  { value: "map", label: "Map" }, { value: "scene", label: "3D view" }, { value: "curves", label: "Curves" },
  { value: "race", label: "All of it" },
]);
const OF_ONE_WEIGHT = { map: "Loss over x", scene: "x at each step", curves: "Curves", race: "All of it" };
const SIZES = /** @type {{value: Size, label: string}[]} */ ([
  { value: "1920×1080", label: "1920×1080" }, { value: "3840×2160", label: "3840×2160" },
  { value: "1080×1080", label: "square" }, { value: "screen", label: "as on screen" },
]);
const FORMATS = /** @type {{value: "png"|"svg", label: string}[]} */ (["png", "svg"].map((value) =>
  ({ value, label: value.toUpperCase() })));
const NAMES = { webm: "WebM", mp4: "MP4", gif: "GIF" };
const HEIGHTS = [{ value: "720", label: "1280×720" }, { value: "1080", label: "1920×1080" }];
const LENGTHS = ["5", "10", "20"].map((value) => ({ value, label: `${value} s` }));
const RESTING = 1.4; // seconds of a film in which the first and the last step stay
const GIF_HEIGHT = 540;

let shown = /** @type {HTMLDialogElement|null} */ (null);

/**
 * @param {string} title @param {[string, HTMLElement][]} rows @param {HTMLElement} note
 * @param {() => void} take
 */
function ask(title, rows, note, take) {
  shown?.remove();
  const from = /** @type {HTMLElement} */ (document.querySelector(".export-button"));
  const close = () => dialog.close();
  let isTaken = false;
  const form = el("form", { method: "dialog", class: "ed-form", onsubmit: () => (isTaken = true) },
    el("h2", { id: "taking-title" }, title),
    ...rows.map(([name, control]) => el("div", { class: "tk-row" }, el("span", {}, name), control)),
    note,
    el("div", { class: "ed-buttons" },
      el("button", { type: "button", class: "ed-button", onclick: close }, "Cancel"),
      el("button", { type: "submit", class: "ed-button ed-go" }, "Save")));
  const dialog = el("dialog", {
    class: "editor taking", "aria-labelledby": "taking-title",
    onclose() {
      dialog.remove();
      from?.focus();
      if (isTaken) take();
    },
    onkeydown: (/** @type {KeyboardEvent} */ event) => event.stopPropagation(), // the player's keys would move the race
  }, form);
  document.body.append(dialog);
  shown = dialog;
  // The menu first gives the focus back to its button.
  setTimeout(() => dialog.isConnected && dialog.showModal(), 100);
}

/**
 * @param {{step: number, steps: number, views: string[], isOneWeight: boolean}} race that is shown
 * @param {(wish: PictureWish) => void} take
 */
export function askPicture({ step, steps, views, isOneWeight }, take) {
  const offered = VIEWS.filter(({ value }) => value === "race" || views.includes(value))
    .map(({ value, label }) => ({ value, label: isOneWeight ? OF_ONE_WEIGHT[value] : label }));
  const isDeep = views.includes("scene") && !isOneWeight;
  /** @type {PictureWish} */
  const wish = { name: offered[0].value, format: "png", size: "1920×1080", step };
  const note = el("p", { class: "ed-hint", role: "status" });
  const what = segmented({ label: "What", choices: offered, value: wish.name, onchange: (name) => set({ name }) });
  const format = segmented({
    label: "Format", choices: FORMATS, value: wish.format, onchange: (chosen) => set({ format: chosen }),
  });
  const size = segmented({
    label: "Size", choices: SIZES, value: wish.size, onchange: (chosen) => set({ size: chosen }),
  });
  const at = el("input", {
    type: "number", min: 0, max: steps, step: 1, required: true, value: step, "aria-label": "At step",
  });
  /** @param {Partial<PictureWish>} change */
  const set = (change) => {
    Object.assign(wish, change);
    const said = [];
    if (isDeep && wish.format === "svg" && (wish.name === "scene" || wish.name === "race")) {
      wish.format = "png";
      said.push("The 3D view is drawn in pixels: it comes as PNG.");
    }
    if (wish.size === "screen" && wish.name === "race") {
      wish.size = "1920×1080";
      said.push("On the screen the views lie apart: together they come as 1920×1080.");
    }
    format.set(wish.format);
    size.set(wish.size);
    note.textContent = said.join(" ");
  };
  ask("A picture", [["What", what.root], ["Format", format.root], ["Size", size.root],
    ["At step", el("span", {}, at, ` of ${steps.toLocaleString("en")}`)]], note,
  () => take({ ...wish, step: Number(at.value) }));
}

/**
 * @param {{steps: number, kinds: FilmKind[]}} race that is shown, and what this browser can encode
 * @param {(wish: FilmWish) => void} take
 */
export function askFilm({ steps, kinds }, take) {
  const wish = { kind: kinds[0], seconds: 10, height: 720 };
  const note = el("p", { class: "ed-hint", role: "status" });
  const missing = /** @type {FilmKind[]} */ (["webm", "mp4"]).filter((kind) => !kinds.includes(kind));
  const without = missing.length
    ? ` Here this browser encodes no ${missing.map((kind) => NAMES[kind]).join(" and no ")}; on an https page it may.`
    : "";
  const size = segmented({
    label: "Size", choices: HEIGHTS, value: "720", onchange: (height) => set({ height: Number(height) }),
  });
  /** @param {Partial<FilmWish>} change */
  const set = (change) => {
    Object.assign(wish, change);
    const speed = steps / (wish.seconds - RESTING), isGif = wish.kind === "gif";
    const rate = speed.toLocaleString("en", { maximumSignificantDigits: 2 });
    size.root.hidden = isGif;
    const said = `${counted(steps, "step")}, ${rate} a second.`;
    note.textContent = `${said}${isGif ? " A GIF is 960×540." : ""}${without}`;
  };
  const kind = segmented({ label: "Format", value: wish.kind, onchange: (now) => set({ kind: now }),
    choices: kinds.map((value) => ({ value, label: NAMES[value] })) });
  const length = segmented({
    label: "Length", choices: LENGTHS, value: "10", onchange: (seconds) => set({ seconds: Number(seconds) }),
  });
  set({});
  ask("A film", [["Format", kind.root], ["Length", length.root], ["Size", size.root]], note,
    () => take({ ...wish, height: wish.kind === "gif" ? GIF_HEIGHT : wish.height }));
}

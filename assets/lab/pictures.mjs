/** What the lab draws itself: the layers, small curves; the data are in `data_picture.mjs`. */

import { el } from "../player/core/dom.mjs";
import { compact } from "../player/core/format.mjs";

/**
 * @typedef {ReturnType<typeof inks>} Inks
 */

const MOST_UNITS = 8; // dots a layer; more are hinted at

/**
 * A canvas that fills a place, in CSS pixels.
 * @param {HTMLElement|null} place @param {number} height @returns {[CanvasRenderingContext2D, number, number]|null}
 */
export function canvasIn(place, height) {
  if (!place) return null;
  const width = place.clientWidth || 288, ratio = window.devicePixelRatio || 1;
  const known = place.firstElementChild;
  const canvas = known instanceof HTMLCanvasElement ? known : el("canvas", {});
  [canvas.width, canvas.height] = [width * ratio, height * ratio]; // empties it
  canvas.style.cssText = `width: 100%; height: ${height}px`;
  if (canvas !== known) place.replaceChildren(canvas);
  const ctx = canvas.getContext("2d");
  ctx.scale(ratio, ratio);
  return [ctx, width, height];
}

export const inks = () => {
  const style = getComputedStyle(document.documentElement);
  const page = getComputedStyle(document.getElementById("page") ?? document.documentElement);
  /** @param {string} name */
  const read = (name) => page.getPropertyValue(name).trim() || style.getPropertyValue(name).trim();
  return {
    ink: read("--ink"), ink2: read("--ink2"), ink3: read("--ink3"), paper: read("--paper"), sunk: read("--sunk"),
    edge: read("--edge"),
  };
};

/**
 * Layers as columns of dots.
 * @param {HTMLElement|null} place @param {{sizes: number[]}} network
 */
export function drawNetwork(place, { sizes }) {
  const made = canvasIn(place, 76);
  if (!made) return;
  const [ctx, width, height] = made, colours = inks();
  /** @param {number} i */
  const x = (i) => 18 + (i * (width - 36)) / (sizes.length - 1);
  const dots = sizes.map((size) => Math.min(size, MOST_UNITS));
  /** @param {number} i @param {number} k */
  const y = (i, k) => height / 2 - 6 + (k - (dots[i] - 1) / 2) * Math.min(8, (height - 18) / dots[i]);
  ctx.strokeStyle = colours.edge;
  ctx.lineWidth = 0.5;
  for (let i = 0; i + 1 < sizes.length; i++) {
    for (let a = 0; a < dots[i]; a++) {
      for (let b = 0; b < dots[i + 1]; b++) {
        ctx.beginPath();
        ctx.moveTo(x(i), y(i, a));
        ctx.lineTo(x(i + 1), y(i + 1, b));
        ctx.stroke();
      }
    }
  }
  ctx.fillStyle = colours.ink2;
  ctx.font = "11px Inter, system-ui, sans-serif";
  ctx.textAlign = "center";
  sizes.forEach((size, i) => {
    for (let k = 0; k < dots[i]; k++) {
      ctx.beginPath();
      ctx.arc(x(i), y(i, k), 2.5, 0, 7);
      ctx.fill();
    }
    ctx.fillText(String(size), x(i), height - 2);
  });
}

const WIDE = 300, HIGH = 92, LEFT = 34, LOW = 14;

/**
 * Columns of the store against the step: the first as a line, the second dashed; a mark where the clock is.
 * @returns {HTMLElement}
 * @param {string} title @param {import("../player/core/store.mjs").RunStore} store
 * @param {number} run @param {number} row
 * @param {Float32Array[]} columns @param {import("../player/core/theme.mjs").Theme} theme
 */
export function chart(title, store, run, row, columns, theme) {
  const canvas = el("canvas", { width: 2 * WIDE, height: 2 * HIGH }), ctx = canvas.getContext("2d"), colours = inks();
  ctx.scale(2, 2);
  let top = 0;
  for (const column of columns) {
    for (let i = 0; i < store.received; i++) if (column[i] < 1e6 && column[i] > top) top = column[i];
  }
  const start = Math.max(...columns.map((column) => column[0] || 0), 1e-12);
  if (columns.length > 1) top = Math.min(top, 4 * start); // of losses; a distance may begin at 0
  const isCut = columns.some((column) => column.subarray(0, store.received).some((value) => value > top));
  top ||= 1;
  ctx.font = "10px Inter, system-ui, sans-serif";
  const ticks = [0, 0.5, 1].map((share) => ({ share, words: compact(share * top, 2) }));
  const left = Math.max(LEFT, ...ticks.map(({ words }) => ctx.measureText(words).width + 6));
  /** @param {number} i */
  const x = (i) => left + (store.stepOf(i) / store.steps) * (WIDE - left - 6);
  /** @param {number} value */
  const y = (value) => HIGH - LOW - Math.min(1.05, value / top) * (HIGH - LOW - 8);
  ctx.fillStyle = colours.ink2;
  ctx.textAlign = "right";
  for (const { share, words } of ticks) {
    ctx.fillText(words, left - 5, y(share * top) + 3);
    ctx.fillRect(left, y(share * top), WIDE - left - 6, 0.4);
  }
  ctx.fillText(`step ${store.steps.toLocaleString("en")}`, WIDE - 2, HIGH - 2);
  ctx.textAlign = "left";
  ctx.fillText("0", left, HIGH - 2);
  columns.forEach((column, k) => {
    ctx.strokeStyle = k ? colours.ink2 : theme.runs[run % theme.runs.length];
    ctx.lineWidth = k ? 1 : 1.75;
    ctx.setLineDash(k ? [3, 3] : []);
    ctx.beginPath();
    for (let i = 0; i < store.received; i++) if (column[i] === column[i]) ctx.lineTo(x(i), y(column[i]));
    ctx.stroke();
  });
  ctx.setLineDash([]);
  ctx.fillStyle = colours.ink2;
  ctx.fillRect(x(row), 4, 0.8, HIGH - LOW - 4);
  const words = `${title}; linear scale${isCut ? `, cut off above ${compact(top, 2)}` : ""}`;
  return el("figure", { class: "lab-chart" }, el("figcaption", {}, words), canvas);
}

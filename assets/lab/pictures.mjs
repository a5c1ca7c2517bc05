/** What the lab draws itself: the data with what the network says, the layers, small curves. */

import { el } from "../player/core/dom.mjs";
import { compact } from "../player/core/format.mjs";

/**
 * @typedef {object} DataPicture the data of a training, as points or as pictures
 * @property {number} inputs
 * @property {number} classes 0: a number is to be said
 * @property {number[]} label the class of each
 * @property {number[]} test 1 for one that was held out
 * @property {number[]} steps at which the networks were asked
 * @property {(string|(number|null)[])[][]} said by run and step: of pictures the classes, of one input a curve, of two
 *   probabilities on a grid, as signed bytes in base64: see `lab/pictures.py`
 * @property {number[][]} [pictures] shades from 0 to 9, row by row
 * @property {[number[], number[]]} [points] x and y; what follows is there with them
 * @property {number[]} [box] the ends of x, then those of y; or, of two inputs, the low ends, then the high ones
 * @property {number} [cells] of the grid, each way
 *
 * @typedef {ReturnType<typeof inks>} Inks
 */

const MOST_UNITS = 8; // dots a layer; more are hinted at
const FULL = 127, NOTHING = -128; // a byte for class 1 for certain; one for what is not finite

/**
 * A canvas that fills a place, in CSS pixels.
 * @param {HTMLElement|null} place @param {number} height @returns {[CanvasRenderingContext2D, number, number]|null}
 */
function canvasIn(place, height) {
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

const inks = () => {
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

/**
 * Square pictures with the class that the chosen run gives them; those it gets wrong are framed.
 * @param {HTMLElement} place @param {DataPicture} picture @param {(number|null)[]} said
 */
function drawPictures(place, { pictures, label }, said) {
  const made = canvasIn(place, 132);
  if (!made) return;
  const [ctx, width, height] = made, colours = inks(), columns = 8, rows = Math.ceil(pictures.length / columns);
  const side = Math.sqrt(pictures[0].length), cell = Math.min(width / columns, height / rows);
  const pixel = (cell - 14) / side;
  ctx.font = "600 10px Inter, system-ui, sans-serif";
  ctx.textAlign = "left";
  pictures.forEach((shades, i) => {
    const left = (i % columns) * (width / columns) + 3, top = Math.floor(i / columns) * cell + 4;
    ctx.fillStyle = colours.ink;
    shades.forEach((shade, k) => {
      ctx.globalAlpha = shade / 9;
      ctx.fillRect(left + (k % side) * pixel, top + Math.floor(k / side) * pixel, pixel, pixel);
    });
    ctx.globalAlpha = 1;
    const isWrong = said[i] !== label[i];
    ctx.fillStyle = isWrong ? colours.ink : colours.ink3;
    ctx.fillText(said[i] === NOTHING ? "–" : String(said[i]), left + side * pixel + 2, top + 9);
    ctx.strokeStyle = colours.ink;
    if (isWrong) ctx.strokeRect(left - 2.5, top - 2.5, side * pixel + 12, side * pixel + 5);
  });
}

/** What a network said of the grid, from -1 (class 0) to 1; null where it is no number. @param {string} text */
function decoded(text) {
  return Array.from(atob(text), (letter) => {
    const byte = (letter.charCodeAt(0) << 24) >> 24;
    return byte === NOTHING ? null : (byte * Math.abs(byte)) / FULL ** 2;
  });
}

/**
 * The points, and where the chosen run's network changes its mind; a curve for one input.
 * @param {HTMLElement|null} place @param {DataPicture|null|undefined} picture @param {number} run
 * @param {number} moment which of its steps
 */
export function drawData(place, picture, run, moment) {
  if (!place || picture === undefined) return;
  if (!picture) {
    place.replaceChildren(el("p", {}, "Data of this shape have no picture here."));
    return;
  }
  const given = picture.said[run][moment];
  const said = typeof given === "string" ? decoded(given) : given;
  if (!picture.points) {
    drawPictures(place, picture, said);
    return;
  }
  const [ctx, width, height] = canvasIn(place, 132), colours = inks();
  const [xs, ys] = picture.points, isCurve = picture.inputs === 1;
  const low = isCurve ? [picture.box[0], Math.min(...ys) - 0.2] : [picture.box[0], picture.box[1]];
  const high = isCurve ? [picture.box[1], Math.max(...ys) + 0.2] : [picture.box[2], picture.box[3]];
  /** @param {number} x */
  const px = (x) => ((x - low[0]) / (high[0] - low[0])) * width;
  /** @param {number} y */
  const py = (y) => height - ((y - low[1]) / (high[1] - low[1])) * height;
  ctx.fillStyle = colours.sunk;
  ctx.fillRect(0, 0, width, height);
  if (isCurve) curve(ctx, said, picture.cells, low, high, px, py, colours);
  else boundary(ctx, said, picture.cells, width, height, colours);
  ctx.lineWidth = 1;
  xs.forEach((x, i) => sample(ctx, px(x), py(ys[i]), Boolean(picture.label[i]), Boolean(picture.test[i]), colours));
}

/**
 * What a picture shows, in words.
 * @param {DataPicture|null} picture @param {number} run @param {number} moment
 * @param {import("../player/core/stream.mjs").Header} header
 */
export function captionOf(picture, run, moment, { runs, lanes, data }) {
  if (!picture) return "";
  const { steps, test, label, pictures, classes } = picture, isTested = test.some(Boolean);
  const said = picture.said[run][moment];
  const who = `${runs[run].label}${lanes > 1 ? ", first seed," : ""}`;
  const when = `at step ${steps[moment].toLocaleString("en")}`;
  if (pictures) {
    const wrong = label.filter((own, i) => own !== said[i]).length;
    return `${isTested ? "Test" : "Training"} pictures with the class that ${who} gives them ${when}; `
      + `${wrong} of ${label.length} are wrong, and framed.`;
  }
  const kinds = isTested ? "Round: to train with; square: to test with" : "All are to train with";
  const all = data.train + data.test, drawn = test.length < all ? ` (${test.length} of ${all} are drawn)` : "";
  return classes ? `${kinds}${drawn}; filled: class 1. Tinted: where ${who} says class 1 ${when}.`
    : `${kinds}${drawn}. The line: what ${who} says ${when}.`;
}

/**
 * One sample: class 1 is full; those to train with are round, those to test with square, with a rim of paper.
 * @param {CanvasRenderingContext2D} ctx @param {number} x @param {number} y @param {boolean} isFull
 * @param {boolean} isTest @param {Inks} colours
 */
function sample(ctx, x, y, isFull, isTest, colours) {
  ctx.beginPath();
  if (isTest) ctx.rect(x - 2.6, y - 2.6, 5.2, 5.2);
  else ctx.arc(x, y, 2.4, 0, 7);
  ctx.strokeStyle = ctx.fillStyle = isTest ? colours.ink : colours.ink2;
  if (isTest) {
    ctx.save();
    ctx.fillStyle = colours.paper;
    ctx.fill();
    ctx.restore();
  }
  if (isFull) ctx.fill();
  if (!isFull || isTest) ctx.stroke();
}

/**
 * @param {CanvasRenderingContext2D} ctx @param {(number|null)[]} said @param {number} n @param {number[]} low
 * @param {number[]} high @param {(x: number) => number} px @param {(y: number) => number} py @param {Inks} colours
 */
function curve(ctx, said, n, low, high, px, py, colours) {
  ctx.strokeStyle = colours.ink;
  ctx.lineWidth = 2;
  ctx.beginPath();
  said.forEach((value, i) => ctx.lineTo(px(low[0] + ((high[0] - low[0]) * i) / (n - 1)), py(value ?? NaN)));
  ctx.stroke();
}

/**
 * Class 1 tinted, and a line where it begins.
 * @param {CanvasRenderingContext2D} ctx @param {(number|null)[]} said from -1 to 1 @param {number} n
 * @param {number} width
 * @param {number} height @param {Inks} colours
 */
function boundary(ctx, said, n, width, height, colours) {
  /** @param {number} i @param {number} j */
  const at = (i, j) => (said[j * n + i] ?? 0) / 2, w = width / (n - 1), h = height / (n - 1);
  const small = el("canvas", { width: n, height: n }), cells = small.getContext("2d");
  cells.fillStyle = colours.ink3;
  for (let j = 0; j < n; j++) {
    for (let i = 0; i < n; i++) {
      cells.globalAlpha = 0.4 * Math.min(1, Math.max(0, 0.5 + at(i, j)));
      cells.fillRect(i, n - 1 - j, 1, 1);
    }
  }
  ctx.drawImage(small, -w / 2, -h / 2, width + w, height + h);
  ctx.strokeStyle = colours.ink;
  ctx.lineWidth = 1.75;
  ctx.beginPath();
  for (let j = 0; j + 1 < n; j++) {
    for (let i = 0; i + 1 < n; i++) {
      const corners = [[i, j], [i + 1, j], [i + 1, j + 1], [i, j + 1]];
      /** @type {[number, number][]} */
      const ends = [];
      corners.forEach(([a, b], k) => {
        const [c, d] = corners[(k + 1) % 4], u = at(a, b), v = at(c, d);
        if (u > 0 !== v > 0) ends.push([a + ((c - a) * u) / (u - v), b + ((d - b) * u) / (u - v)]);
      });
      for (let k = 0; k + 1 < ends.length; k += 2) {
        ctx.moveTo(ends[k][0] * w, height - ends[k][1] * h);
        ctx.lineTo(ends[k + 1][0] * w, height - ends[k + 1][1] * h);
      }
    }
  }
  ctx.stroke();
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
  const isCut = columns.length > 1 && top > 4 * start; // of losses; a distance may begin at 0
  if (isCut) top = 4 * start;
  top ||= 1;
  /** @param {number} i */
  const x = (i) => LEFT + (store.stepOf(i) / store.steps) * (WIDE - LEFT - 6);
  /** @param {number} value */
  const y = (value) => HIGH - LOW - Math.min(1.05, value / top) * (HIGH - LOW - 8);
  ctx.font = "10px Inter, system-ui, sans-serif";
  ctx.fillStyle = colours.ink2;
  ctx.textAlign = "right";
  for (const share of [0, 0.5, 1]) {
    ctx.fillText(compact(share * top, 2), LEFT - 5, y(share * top) + 3);
    ctx.fillRect(LEFT, y(share * top), WIDE - LEFT - 6, 0.4);
  }
  ctx.fillText(`step ${store.steps.toLocaleString("en")}`, WIDE - 2, HIGH - 2);
  ctx.textAlign = "left";
  ctx.fillText("0", LEFT, HIGH - 2);
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

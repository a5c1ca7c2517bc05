/** The data of a training, with what the chosen run's network says of them at a step. */

import { el } from "../player/core/dom.mjs";
import { canvasIn, inks } from "./pictures.mjs";

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
 * @typedef {import("./pictures.mjs").Inks} Inks
 */

const FULL = 127, NOTHING = -128; // a byte for class 1 for certain; one for what is not finite

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

/** What a network said, as numbers. @param {string|(number|null)[]} said */
const valuesOf = (said) => (typeof said === "string" ? decoded(said) : said);

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
  const said = valuesOf(picture.said[run][moment]);
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
    return `${isTested ? "Test" : "Training"} pictures with the class that ${who} gives them ${when}`
      + (wrong ? `; wrong and framed: ${wrong} of ${label.length}.` : `; none of ${label.length} is wrong.`);
  }
  const kinds = isTested ? "Round: to train with; square: to test with" : "All are to train with";
  const all = data.train + data.test, drawn = test.length < all ? ` (${test.length} of ${all} are drawn)` : "";
  const points = `${kinds}${drawn}${classes ? "; filled: class 1" : ""}.`;
  const values = valuesOf(said);
  if (values.every((value) => value === null)) return `${points} What ${who} says ${when} is not a finite number.`;
  const sides = new Set(values.filter((value) => value !== null).map((value) => Number(value > 0)));
  if (classes && sides.size === 1) return `${points} ${who} says class ${[...sides][0]} everywhere ${when}.`;
  return classes ? `${points} The darker, the more ${who} says class 1 ${when}; the line: half and half.`
    : `${points} The line: what ${who} says ${when}.`;
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
 * The darker the more class 1, and a line half way; nothing where it is no number.
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
      cells.globalAlpha = said[j * n + i] === null ? 0 : 0.4 * (0.5 + at(i, j));
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

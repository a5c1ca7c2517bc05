/** The loss along a line: the textbook curve, its minima marked, the runners on it. */

import { el, segmented } from "../core/dom.mjs";
import { head, label, ring, star, symbolOf } from "../views/draw.mjs";
import { compact } from "../core/format.mjs";
import { heightOf, lossAt } from "../core/heights.mjs";
import { ask, jsonOf } from "../core/server.mjs";

/**
 * @typedef {import("../core/store.mjs").RunStore} RunStore
 * @typedef {import("../core/clock.mjs").Clock} Clock
 * @typedef {(value: number) => number} Placing px of a place on the line, or of a height
 * @typedef {"x"|"y"|"gradient"|"path"|"points"} LineKind
 * @typedef {object} ProfileAnswer what /profile.json answers
 * @property {[number, number]} first where the line begins
 * @property {[number, number]} last
 * @property {number[]} at from 0 to 1
 * @property {(number|null)[]} loss there; null: not finite
 * @property {{at: number, loss: number, is_global: boolean, is_surface: boolean}[]} minima of the curve
 */

/** @type {{value: LineKind, label: string, title: string}[]} */
const LINES = [
  { value: "x", label: "along x", title: "Through the start, along x" },
  { value: "y", label: "along y", title: "Through the start, along y" },
  { value: "gradient", label: "downhill", title: "Through the start, the steepest way down and up again" },
  { value: "path", label: "start to end", title: "From the start to the end of the first run" },
  { value: "points", label: "two points", title: "Between two points: click them on the map" },
];
const HIGH = 168, EDGE = { left: 52, right: 16, top: 14, bottom: 22 }; // px
const NEAR = 0.03; // of the line's length: a runner this close is on the curve

export class Profile {
  /** @param {import("../core/engine.mjs").Engine} engine */
  constructor(engine) {
    this.engine = engine;
    /** @type {LineKind} */
    this.kind = "x";
    /** Clicked on the map. @type {number[]} */
    this.points = [];
    this.key = "";
    this.drawn = ""; // of what the picture is
    /** @type {(ProfileAnswer & {height: (loss: number|null) => number, lossOf: Placing, top: number})|null} */
    this.data = null;
    /** @type {AbortController|null} */
    this.abort = null;
    this.canvas = el("canvas", { class: "pr-canvas", role: "img" });
    this.note = el("p", { class: "pr-note", role: "status" });
    this.choice = segmented({
      label: "Which line", choices: LINES, value: this.kind, onchange: (kind) => this.#choose(kind),
    });
    this.root = el("div", { class: "pr" }, el("div", { class: "in-head" }, this.choice.root, this.note), this.canvas);
  }

  enter() {
    this.key = "";
    this.#wait();
  }

  leave() {
    this.abort?.abort();
    this.engine.takePick = null;
    this.#mark(null);
    this.key = "";
  }

  /** @param {LineKind} kind */
  #choose(kind) {
    this.kind = kind;
    this.points = [];
    this.#wait();
    this.key = "";
  }

  /** With two points the next clicks on the map are theirs. */
  #wait() {
    const wants = this.kind === "points" && this.points.length < 4;
    this.engine.takePick = wants ? ({ x, y, done }) => {
      if (done) this.points.push(x, y);
      if (this.points.length >= 4) this.#wait();
      this.key = "";
      return true;
    } : null;
  }

  /** Once a frame. @param {Clock} clock @param {RunStore} store */
  update(clock, store) {
    const line = this.kind === "points" ? this.points.join(",") : this.kind;
    const { theme, themeVersion, heights: { scale } } = this.engine;
    const key = `${store.header.query}&line=${line}`;
    if (this.kind === "points" && this.points.length < 4) {
      const ask = this.points.length ? "Click the other end on the map." : "Click one end on the map.";
      if (this.key !== "waiting" + line) this.#say(ask);
      this.key = "waiting" + line;
      return;
    }
    if (key + scale !== this.key) {
      this.key = key + scale;
      this.#ask(key);
    }
    const drawn = `${clock.time}|${themeVersion}|${this.root.clientWidth}|${store.received}`;
    if (this.data && drawn !== this.drawn) this.#draw(store, clock, theme);
    this.drawn = drawn;
  }

  /** @param {string} text */
  #say(text) {
    this.data = null;
    this.#mark(null);
    this.note.textContent = text;
    this.canvas.getContext("2d").clearRect(0, 0, this.canvas.width, this.canvas.height);
  }

  /** @param {import("../views/arrows.mjs").Marks|null} marks */
  #mark(marks) {
    const { map } = this.engine;
    if (!marks && !map.marks) return;
    map.marks = marks;
    map.dirty = true;
  }

  /** @param {string} key */
  async #ask(key) {
    this.abort?.abort();
    const { signal } = (this.abort = new AbortController());
    try {
      const body = await ask(`/profile.json?${key}`, {
        signal, read: (answer) => jsonOf(answer, signal), onWait: () => this.#say("The profile waits for the server."),
      });
      if (body.error) this.#say(body.error.message);
      else this.#take(body);
    } catch (error) {
      if (!signal.aborted) throw error;
    }
  }

  /** @param {ProfileAnswer} body */
  #take(body) {
    const finite = body.loss.filter((loss) => loss !== null);
    if (!finite.length) {
      this.#say("No loss along this line is finite.");
      return;
    }
    const meta = { best: Math.min(...finite), scale: this.engine.heights.scale }; // as the map's
    /** @param {number|null} loss */
    const height = (loss) => (loss === null ? NaN : heightOf(loss, meta));
    const top = Math.max(height(Math.max(...finite)), 1e-6);
    this.data = { ...body, height, lossOf: (h) => lossAt(h, meta), top };
    this.drawn = "";
    const { minima } = body, lows = minima.filter((m) => m.is_global).length;
    const locals = minima.length - lows;
    const words = minima.length
      ? `${lows} lowest, ${locals} local ${locals === 1 ? "minimum" : "minima"} along this line`
      : "no minimum along this line";
    const beside = minima.every((m) => m.is_surface) ? ""
      : "; pale: a minimum of the curve only, the surface goes on down beside it";
    this.note.textContent = words + beside + ".";
    const [from, to] = [body.first, body.last].map((place) => place.map((v) => compact(v, 3)).join(", "));
    this.canvas.setAttribute("aria-label", `Loss along the line from ${from} to ${to}: ${words}`);
    this.#mark({ line: [...body.first, ...body.last] });
  }

  /** @param {RunStore} store @param {Clock} clock @param {import("../core/theme.mjs").Theme} theme */
  #draw(store, clock, theme) {
    const { canvas, data } = this, ratio = Math.min(3, window.devicePixelRatio || 1);
    const wide = this.root.clientWidth;
    if (canvas.width !== Math.round(wide * ratio)) {
      [canvas.width, canvas.height] = [Math.round(wide * ratio), HIGH * ratio];
    }
    const ctx = canvas.getContext("2d");
    ctx.setTransform(ratio, 0, 0, ratio, 0, 0);
    ctx.clearRect(0, 0, wide, HIGH);
    /** @param {number} at */
    const x = (at) => EDGE.left + at * (wide - EDGE.left - EDGE.right);
    /** @param {number} h */
    const y = (h) => HIGH - EDGE.bottom - (Math.min(h, data.top * 1.02) / data.top) * (HIGH - EDGE.top - EDGE.bottom);
    this.#axes(ctx, x, y, wide, theme);
    ctx.beginPath();
    data.at.forEach((at, i) => {
      const h = data.height(data.loss[i]);
      if (h === h) ctx.lineTo(x(at), y(h));
    });
    Object.assign(ctx, { strokeStyle: theme.ink, lineWidth: 2 });
    ctx.stroke();
    for (const { at, loss, is_global: isGlobal, is_surface: isSurface } of data.minima) {
      const px = x(at), py = y(data.height(loss));
      ctx.globalAlpha = isSurface ? 1 : 0.45;
      if (isGlobal) star(ctx, px, py, 17, theme.ink, theme.paper);
      else ring(ctx, px, py, 14, theme.ink, "rgba(0,0,0,0)");
      label(ctx, compact(loss, 3), px + 12, py - 8, { ...theme, font: `600 12px ${theme.font}` });
      ctx.globalAlpha = 1;
    }
    this.#runners(ctx, x, y, store, clock, theme);
  }

  /**
   * @param {CanvasRenderingContext2D} ctx @param {Placing} x @param {Placing} y @param {number} wide
   * @param {import("../core/theme.mjs").Theme} theme
   */
  #axes(ctx, x, y, wide, theme) {
    const { data } = this, [ax, ay] = data.first, [bx, by] = data.last;
    ctx.font = `11px ${theme.font}`;
    ctx.fillStyle = theme.ink3;
    ctx.strokeStyle = theme.hairline;
    ctx.lineWidth = 1;
    for (const share of [0, 0.5, 1]) {
      const h = share * data.top;
      ctx.beginPath();
      ctx.moveTo(EDGE.left, y(h));
      ctx.lineTo(wide - EDGE.right, y(h));
      ctx.stroke();
      ctx.textAlign = "right";
      ctx.fillText(compact(data.lossOf(h), 3), EDGE.left - 8, y(h) + 4);
    }
    /** @param {number} px @param {number} py */
    const place = (px, py) => `${compact(px, 3)}, ${compact(py, 3)}`;
    /** @type {[number, string, CanvasTextAlign][]} */
    const ends = [[0, place(ax, ay), "left"], [1, place(bx, by), "right"]];
    for (const [at, text, align] of ends) {
      ctx.textAlign = align;
      ctx.fillText(text, x(at), HIGH - 6);
    }
    ctx.textAlign = "left";
  }

  /**
   * Each run on the curve, where it is nearest to the line; pale when it is beside it.
   * @param {CanvasRenderingContext2D} ctx @param {Placing} x @param {Placing} y @param {RunStore} store
   * @param {Clock} clock @param {import("../core/theme.mjs").Theme} theme
   */
  #runners(ctx, x, y, store, clock, theme) {
    const { first: [ax, ay], last: [bx, by], height, loss } = this.data;
    const far = (bx - ax) ** 2 + (by - ay) ** 2, near = NEAR * Math.sqrt(far);
    const row = Math.round(Math.min(store.rowAt(clock.time), store.received - 1));
    for (let run = 0; run < store.runs; run++) {
      const point = store.point(run, 0, Math.min(row, store.alive[run][0] - 1));
      if (!point) continue;
      const at = ((point.x - ax) * (bx - ax) + (point.y - ay) * (by - ay)) / far;
      if (at < 0 || at > 1) continue;
      ctx.globalAlpha = Math.hypot(ax + at * (bx - ax) - point.x, ay + at * (by - ay) - point.y) <= near ? 1 : 0.4;
      const place = at * (loss.length - 1), i = Math.min(Math.floor(place), loss.length - 2);
      const h = height(loss[i]) + (place - i) * (height(loss[i + 1]) - height(loss[i]));
      head(ctx, {
        symbol: symbolOf(run), x: x(at), y: y(h === h ? h : height(point.loss)), size: 12, colour: theme.runs[run],
        paper: theme.paper, edge: 1.75,
      });
      ctx.globalAlpha = 1;
    }
  }
}

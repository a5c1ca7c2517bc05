/** Gives the curves' Plotly graph the ranges, ticks and margin that the present race needs. */

import { linearAxis, logAxis, rateAxis, stepTicks } from "./axes.mjs";

const AFTER_FIRST_FRAMES = 100; // ms
const ROOM = { left: 44, bottom: 22 }; // px for the ticks, as in figures/curves.py

/**
 * @typedef {object} Wanted
 * @property {number} steps
 * @property {number} margin px right of the plot, for the names
 * @property {number} grown by how much the text is larger than usual, with the room for the ticks
 * @property {import("./axes.mjs").YAxis} y
 *
 * @typedef {Wanted & {key: string, tickvals: number[]|null, isAsked: boolean}} Asked
 */

export class CurvesAxes {
  constructor() {
    /** @type {Asked|null} */
    this.now = null;
    this.isAtOnce = false; // Plotly is asked within the frame
  }

  get type() {
    return this.now?.y.type ?? "log";
  }

  /**
   * Ask Plotly for other axes, only when they differ: it costs tens of milliseconds.
   * @param {PlotlyGraph} graph @param {import("../core/values.mjs").Values} values @param {number} margin
   * @param {number} grown
   */
  fit(graph, { store, low, high, kind }, margin, grown) {
    const y = kind === "lr" ? rateAxis(low, high) : high > 0 ? logAxis(low, high) : linearAxis(high);
    const wanted = { steps: store.steps, margin, grown, y }, key = JSON.stringify(wanted), { now } = this;
    const isSame = key === now?.key;
    // A figure that Dash sent anew has other ticks: ask again.
    if (isSame && (now.isAsked || graph.layout.yaxis?.tickvals === now.tickvals)) return;
    const isDue = store.trailer || isSame || !this.#holds(wanted);
    if (!isDue) return; // shrinks when the whole run is there, grows at once
    /** @type {Asked} */
    const asked = (this.now = { ...wanted, key, tickvals: null, isAsked: !this.isAtOnce });
    if (this.isAtOnce) {
      this.#apply(graph, asked);
      return;
    }
    // After the first frames: the first points of a new race must not wait for it.
    setTimeout(() => {
      asked.isAsked = false;
      if (asked === this.now && graph.isConnected) this.#apply(graph, asked);
    }, AFTER_FIRST_FRAMES);
  }

  /** Do the present axes hold all that the wanted ones would? @param {Wanted} wanted */
  #holds({ steps, margin, grown, y }) {
    const { now } = this;
    return now && now.steps === steps && now.margin === margin && now.grown === grown && now.y.type === y.type
      && now.y.range[0] <= y.range[0] && now.y.range[1] >= y.range[1];
  }

  /** @param {PlotlyGraph} graph @param {Asked} asked */
  #apply(graph, asked) {
    globalThis.Plotly.relayout(graph, {
      "margin.r": asked.margin,
      "margin.l": ROOM.left * asked.grown,
      "margin.b": ROOM.bottom * asked.grown,
      "xaxis.range": [0, asked.steps],
      "xaxis.tick0": 0,
      "xaxis.dtick": stepTicks(asked.steps),
      "yaxis.type": asked.y.type,
      "yaxis.range": asked.y.range,
      "yaxis.autorange": false,
      "yaxis.tickmode": "array",
      "yaxis.tickvals": asked.y.tickvals,
      "yaxis.ticktext": asked.y.ticktext,
    });
    asked.tickvals = graph.layout.yaxis.tickvals;
  }
}

/** The curves as Plotly traces and annotations, for a picture as file. */

import { SHADE } from "../views/bands.mjs";
import { symbolOf } from "../views/draw.mjs";

/**
 * @typedef {import("../views/curves.mjs").CurvesOverlay} View
 * @typedef {import("../core/theme.mjs").Theme} Theme
 */

/**
 * A curve up to a row.
 * @param {View} view @param {import("../views/overlay.mjs").Series} series @param {number} row
 * @param {Float32Array} [column] of it; left out: what its line shows
 */
function upTo(view, series, row, column) {
  const x = [], y = [];
  for (let i = 0; i <= Math.min(row, view.lastRow(series)); i++) {
    const value = column ? column[i] : view.values.at(series, i);
    x.push(view.store.stepOf(i));
    const hasPlace = value < Infinity && (view.axes.type !== "log" || value > 0);
    y.push(hasPlace ? value : null);
  }
  return { x, y };
}

/**
 * Halos, lines, heads.
 * @param {View} view @param {number} row @param {Theme} theme
 * @returns {PlotlyTrace[]}
 */
export function curveTraces(view, row, theme) {
  const kind = { type: "scatter", hoverinfo: "skip", showlegend: false };
  const bands = view.values.quartiles ? view.series.flatMap((series) => bandOf(view, series, row, theme)) : [];
  const halos = [], lines = [], heads = [];
  for (const series of view.series) {
    const { run } = series, curve = upTo(view, series, row), name = view.store.header.runs[run].label;
    const end = { x: curve.x.slice(-1), y: curve.y.slice(-1) };
    const stroke = { ...kind, ...curve, mode: "lines" };
    halos.push({ ...stroke, line: { color: theme.halo, width: view.weights.halo, simplify: false } });
    lines.push({ ...stroke, name, line: { color: theme.runs[run], width: view.weights.line, simplify: false } });
    heads.push({
      ...kind, ...end, mode: "markers", name, cliponaxis: false,
      marker: {
        symbol: symbolOf(run), color: theme.runs[run], size: view.weights.head,
        line: { color: theme.paper, width: 1.5 },
      },
    });
  }
  return [...bands, ...halos, ...lines, ...heads];
}

/**
 * The band between the quartiles: its lower edge, then its upper one, filled down to that.
 * @param {View} view @param {import("../views/overlay.mjs").Series} series @param {number} row @param {Theme} theme
 */
function bandOf(view, series, row, theme) {
  const columns = view.values.quartiles[series.run], shade = Math.round(255 * SHADE).toString(16);
  return [0, 2].map((side) => {
    const curve = upTo(view, series, row, columns[side]);
    return { type: "scatter", hoverinfo: "skip", showlegend: false, mode: "lines", line: { width: 0 }, ...curve,
      ...(side ? { fill: "tonexty", fillcolor: `${theme.runs[series.run]}${shade}` } : {}) };
  });
}

/**
 * Names at the ends of the lines, where the overlay has them.
 * @param {import("../views/curves.mjs").CurvesOverlay} view @param {import("../core/theme.mjs").Theme} theme
 */
export function curveNames(view, theme) {
  const ctx = document.createElement("canvas").getContext("2d"), { top, height } = view.plot;
  ctx.font = `600 ${12 * theme.textScale}px ${theme.font}`;
  return view.names(ctx, theme).map(({ run, text, y }) => ({
    text: text.replace(/&/g, "&amp;").replace(/</g, "&lt;"), xref: "paper", x: 1, xanchor: "left", xshift: 8,
    yref: "paper", y: 1 - (y - top) / height, yanchor: "middle", showarrow: false,
    font: { family: theme.font, size: 12 * theme.textScale, color: theme.runs[run], weight: 600 },
  }));
}

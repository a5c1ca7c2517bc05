/** The axes, sizes and colours of an experiment's charts, as Plotly wants them. */

/**
 * @typedef {import("./charts.mjs").Chart} Chart
 * @typedef {import("./charts.mjs").Panel} Panel
 * @typedef {PlotlyLayout & {margin: Record<"l"|"r"|"t"|"b", number>, shapes?: object[],
 *   annotations?: object[]}} ChartLayout
 */

const HEIGHT = { lines: 260, strip: 260, surface: 300 };

/** A colour of the theme. @param {string} name */
export const ink = (name) => getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();

/** @param {string} title @param {boolean} isLog */
function axis(title, isLog) {
  return {
    title: { text: title, font: { size: 12 }, standoff: 6 }, type: isLog ? "log" : "linear", gridcolor: ink("hairline"),
    linecolor: ink("quiet"), zeroline: false, tickfont: { size: 11 }, automargin: true, exponentformat: "power",
    ...(isLog ? { dtick: 1, minor: { showgrid: false } } : {}), nticks: 7,
  };
}

/** @param {Chart} chart */
export function layout(chart) {
  const isSurface = chart.kind === "surface", panels = chart.data.panels ?? [];
  /** @type {ChartLayout} */
  const base = {
    height: HEIGHT[chart.kind], margin: { l: 52, r: 8, t: 8, b: 40 },
    paper_bgcolor: "rgba(0,0,0,0)", plot_bgcolor: "rgba(0,0,0,0)",
    font: { family: "Inter, system-ui, sans-serif", color: ink("ink2"), size: 12 },
    hovermode: isSurface ? "closest" : "x unified",
    hoverlabel: { bgcolor: ink("paper"), bordercolor: ink("edge"), font: { color: ink("ink"), size: 11 } },
    showlegend: false,
    xaxis: axis(chart.x, chart.log.includes("x")), yaxis: axis(chart.y, chart.log.includes("y")),
  };
  if (isSurface) return { ...base, ...beside(panels, base) };
  if (chart.kind === "strip") {
    const { groups } = chart.data, tickvals = groups.map((_, i) => i), ticktext = groups.map((one) => one.name);
    Object.assign(base, { hovermode: "closest", xaxis: { ...base.xaxis, tickvals, ticktext, showgrid: false } });
  }
  const { line, range } = chart.data;
  if (range) base.yaxis.range = chart.log.includes("y") ? range.map(Math.log10) : range;
  if (line) {
    const dashes = { color: ink("ink2"), width: 1, dash: "dash" };
    base.shapes = [{ type: "line", xref: "paper", x0: 0, x1: 1, y0: line.at, y1: line.at, line: dashes }];
    base.annotations = [{
      xref: "paper", x: 1, y: chart.log.includes("y") ? Math.log10(line.at) : line.at, text: line.words,
      showarrow: false, xanchor: "right", yanchor: "bottom", font: { size: 11, color: ink("ink2") },
    }];
  }
  return base;
}

/** Panels next to each other, on one scale. @param {Panel[]} panels @param {ChartLayout} base */
function beside(panels, base) {
  /** @type {PlotlyLayout & {annotations: object[]}} */
  const made = { annotations: [] };
  const gap = 0.08, width = (1 - gap * (panels.length - 1)) / panels.length;
  base.margin.t = 24;
  panels.forEach((panel, i) => {
    const left = i * (width + gap), n = i ? i + 1 : "";
    made[`xaxis${n}`] = {
      ...base.xaxis, domain: [left, left + width], anchor: `y${n}`, showgrid: false, ...fit(panel.x),
    };
    made[`yaxis${n}`] = {
      ...base.yaxis, anchor: `x${n}`, showgrid: false, ...(i ? { title: { text: "" } } : {}), ...fit(panel.y),
    };
    made.annotations.push({
      text: panel.title, xref: "paper", yref: "paper", x: left, y: 1.02, xanchor: "left", yanchor: "bottom",
      showarrow: false, font: { size: 12, color: ink("ink") },
    });
  });
  return made;
}

/** @param {number[]} values */
const fit = (values) => ({ range: [values[0], values.at(-1)], fixedrange: true });

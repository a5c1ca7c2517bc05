/**
 * The map's view. With equal scales Plotly widens a range when the map changes its shape, and
 * never narrows it again: go back to the whole region, unless the visitor looks at a part.
 */

const SETTLED = 150; // ms after the last change of size, so that Plotly has measured first

const SLACK = 1.001;

/** @param {PlotlyGraph} plot */
function refit(plot) {
  const { xaxis, yaxis } = plot._fullLayout ?? {};
  const bounds = plot.layout?.meta?.bounds;
  if (!bounds || !yaxis?.scaleanchor) return;
  const [left, right, low, high] = bounds;
  const wide = (xaxis.range[1] - xaxis.range[0]) / (right - left);
  const tall = (yaxis.range[1] - yaxis.range[0]) / (high - low);
  const showsAll =
    xaxis.range[0] <= left && xaxis.range[1] >= right && yaxis.range[0] <= low && yaxis.range[1] >= high;
  if (!showsAll || Math.min(wide, tall) < SLACK) return;
  window.Plotly.relayout(plot, { "xaxis.range": [left, right], "yaxis.range": [low, high] });
}

/** Watch the map's size. */
export function watch() {
  const stage = document.getElementById("map-stage");
  let timer = 0;
  new ResizeObserver(() => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      /** @type {PlotlyGraph|null} */
      const plot = stage.querySelector(".js-plotly-plot");
      if (plot) refit(plot);
    }, SETTLED);
  }).observe(stage);
}

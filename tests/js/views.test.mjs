import { heads, past } from "/assets/player/core/answer.mjs";
import { runTraces } from "/assets/player/export/exporter.mjs";
import { Fallback } from "/assets/player/views/fallback.mjs";
import { ends, MapKey } from "/assets/player/views/key.mjs";
import { MapOverlay } from "/assets/player/views/map.mjs";
import { HeightGrid } from "/assets/player/views/occlusion.mjs";
import { newSeries } from "/assets/player/views/overlay.mjs";
import { SceneOverlay } from "/assets/player/views/scene.mjs";
import { heightOf, lossAt } from "/assets/player/core/heights.mjs";
import { RunStore } from "/assets/player/core/store.mjs";
import { readTheme } from "/assets/player/core/theme.mjs";
import { HIDDEN, MOVE, SEEN } from "/assets/player/views/trail.mjs";
import { close, equal, ok, place, test } from "./harness.mjs";
import { makeRace } from "./race.mjs";

function stored(options) {
  const race = makeRace(options), store = new RunStore(race.header);
  store.accept(race.values, race.header.rows);
  return store;
}

/** A scene 4 wide and 2 deep, 100 px a unit, seen from straight above. */
function scene(store, height = () => 0) {
  const view = new SceneOverlay(), axis = (n, low, step) => Float32Array.from({ length: n }, (_, i) => low + i * step);
  const x = axis(41, -2, 0.1), y = axis(21, -1, 0.1);
  view.sheet = new HeightGrid(x, y, [...y].map(() => Float32Array.from(x, height)));
  Object.assign(view, { store, best: 0, top: 3 });
  view.projection.eye.set([0, 0, 50, 1]);
  view.projection.project = (u, v, w, out) => Object.assign(out, { x: 100 * u, y: -100 * v });
  const series = newSeries(0, 0);
  view.extend(series, 0, store.rows);
  return { view, series, trail: series.trail };
}

test("the key names the losses at both ends of its scale, rounding aside", () => {
  const top = (span) => Math.fround(Math.log10(1 + span));
  equal(ends(top(8), { best: -8, unit: 1 }), ["−8", "0"]); // 10^top − 1 − 8 is 3.7e-7
  equal(ends(top(1), { best: 0, unit: 2e-9 }), ["0", "2 × 10⁻⁹"]);
  equal(ends(top(46), { best: -1.913, unit: 1 }), ["−1.9", "44"]);
});

test("on a linear scale height is the loss above the lowest, in its unit", () => {
  const linear = { best: -2, unit: 8, scale: "linear" }, log = { best: -2, unit: 1, scale: "log" };
  equal([heightOf(6, linear), heightOf(-2, linear), heightOf(-9, linear)], [1, 0, 0]);
  equal([lossAt(1, linear), lossAt(0.5, linear), ends(1, linear)], [6, 2, ["−2", "6"]]);
  for (const meta of [linear, log]) {
    for (const loss of [-2, 0, 3, 98]) close(lossAt(heightOf(loss, meta), meta), loss, 1e-9);
  }
});

test("the key names the scale", () => {
  const root = place(), key = new MapKey(root);
  const race = { steps: 10, paths: 1, crowded: false, answers: false };
  key.update({ best: 0, top: 1, unit: 80, scale: "linear" }, race);
  ok(root.textContent.startsWith("loss 0  80, linear scale"), root.textContent);
  key.update({ best: 0, top: 1, unit: 1, scale: "log", word: "test loss" }, race);
  ok(root.textContent.startsWith("test loss 0  9, log scale"), root.textContent);
});

test("in 3D a line ends at the rim of the sheet, and comes back from it", () => {
  const xs = [0, 1, 5, 5, 1]; // out over the right rim at 2, and back
  const { trail } = scene(stored({ runs: ["a"], steps: 4, point: (run, lane, step) => [xs[step], 0, 1, 1] }));
  ok(Math.max(...trail.x.subarray(0, trail.size)) <= 200.01, "left the sheet");
  const begins = [...trail.by.subarray(0, trail.size)].flatMap((by, i) => (by === MOVE ? [trail.x[i]] : []));
  equal(begins.map(Math.round), [0, 200]);
  close(trail.x[trail.size - 1], 100, 1e-3);
});

test("a head that has left the map stands at its edge and points out", () => {
  const view = new MapOverlay();
  view.plot = { left: 0, top: 0, width: 200, height: 100 };
  equal(view.outside(100, 50, 10), null);
  equal(view.outside(900, 50, 10), { x: 190, y: 50, angle: 0 });
  const { x, y, angle } = view.outside(-90, -90, 10);
  equal([x, y], [10, 10]);
  close(angle, (-3 * Math.PI) / 4, 1e-9);
});

test("a point outside the sheet has no head", () => {
  const { view, series } = scene(stored({ runs: ["a"], steps: 1, point: (run, lane, step) => [5 * step, 0, 1, 1] }));
  ok(Number.isNaN(view.locate(series, 1, true).x) && view.locate(series, 0, true).x === 0);
});

test("heights are clamped to the scene and never under the drawn sheet", () => {
  const { view, series } = scene(
    stored({ runs: ["a"], steps: 1, point: (run, lane, step) => [0, 0, step ? 1e30 : 0, 1] }), () => 0.5);
  view.locate(series, 0, false);
  equal([...series.z], [0.5, 3]);
});

test("a long line is seen and hidden piece by piece", () => {
  const wall = (u) => (Math.abs(u) < 0.2 ? 2 : 0);
  const point = (run, lane, step) => [step ? 1.5 : -1.5, 0, 0, 1];
  const { trail } = scene(stored({ runs: ["a"], steps: 1, point }), wall);
  const by = new Set(trail.by.subarray(1, trail.size));
  ok(by.has(SEEN) && by.has(HIDDEN) && trail.size > 20, "one piece");
});

/** Run 0 walks along x and its answer at half the pace beside it; run 1 has none. */
const averaging = (run, lane, step) => [step / 10, 0, 1, 1, ...(run ? [NaN, NaN] : [step / 20, 0.5])];

test("an answer is a path of its own, for the runs that have one", () => {
  const store = stored({ steps: 10, answers: true, point: averaging });
  equal([store.xEval[1], store.yEval[1], store.xEval[0][4], store.yEval[0][4]], [null, null, Math.fround(0.2), 0.5]);
  const { view } = scene(store);
  view.series = [newSeries(0, 0), newSeries(1, 0)];
  view.answers = view.listAnswers(store);
  equal([view.answers.map(({ run, isAnswer }) => [run, isAnswer]), view.all.length], [[[0, true]], 3]);
  const [series] = view.answers, at = view.locate(series, 4, true);
  close(at.x, 20, 1e-4);
  close(at.y, -50, 1e-4);
  equal(view.describe(series, 4).map(([name]) => name), ["step", "x", "y"]);
});

test("the dashes of an answer go on where they ended", () => {
  const store = stored({ runs: ["a"], steps: 20, answers: true, point: averaging });
  const { view } = scene(store), offsets = [];
  view.series = [newSeries(0, 0)];
  view.answers = view.listAnswers(store);
  const [series] = view.answers;
  view.extend(series, 0, store.rows);
  const ctx = document.createElement("canvas").getContext("2d");
  ctx.stroke = function stroke() {
    if (this.getLineDash().length) offsets.push(this.lineDashOffset);
  };
  for (const row of [4, 10, 10.5]) past(ctx, view, row, readTheme());
  heads(ctx, view, 10.5, readTheme());
  // five px a step: 20 px at the fourth, 50 px at the tenth, in dashes and gaps of 9 px
  equal(offsets.map((offset) => Math.round(100 * offset) / 100), [0, 0, 2, 2, 5]);
});

test("a race without answers keeps nothing for them", () => {
  const { view } = scene(stored({ steps: 5 }));
  equal([view.listAnswers(view.store), view.store.xEval], [[], [null, null]]);
});

test("a picture of the map shows the answer dashed, and its end", () => {
  const store = stored({ steps: 5, answers: true, point: averaging });
  const traces = runTraces(store, 5, { meta: {}, minima: [], theme: readTheme() });
  const dashed = traces.filter((trace) => trace.line?.dash);
  equal([dashed.length, dashed[0].name, dashed[0].x.length], [1, "sgd: the answer", 7]);
  ok(traces.some((trace) => trace.marker?.symbol === "circle-open"));
});

test("a picture has halos below lines, heads above, and a gap between starts", () => {
  const store = stored({ runs: ["a", "b"], lanes: 2, steps: 5 });
  const view = { meta: {}, minima: [{ x: 0, y: 0, loss: 1, is_global: true }], theme: readTheme() };
  const traces = runTraces(store, 3, view);
  equal(traces.map((t) => `${t.mode} ${t.name ?? ""}`.trim()),
    ["markers+text", "lines", "lines", "lines a", "lines b", "markers", "markers a", "markers b"]);
  equal(traces[3].x, [0, 1, 2, 3, null, 1, 2, 3, 4, null]);
  equal(traces[6].x, [3, 4]);
});

test("a picture of a curve has the losses upwards, on its scale, and no answers", () => {
  const store = stored({ runs: ["a"], steps: 2, answers: true,
    point: (run, lane, step) => [step, 0, 3 * step, 1, step / 2, 0] });
  for (const scale of /** @type {const} */ (["linear", "log"])) {
    const meta = { kind: /** @type {const} */ ("curve"), best: 0, unit: 2, scale };
    const minima = [{ x: 0, y: 0, loss: 18, is_global: true }];
    const traces = runTraces(store, 2, { meta, minima, theme: readTheme() });
    const upward = (loss) => (scale === "linear" ? loss : Math.log10(1 + loss / 2));
    const { x, y } = traces.find(({ name, mode }) => name === "a" && mode === "lines");
    equal([x, y], [[0, 1, 2, null], [...[0, 3, 6].map(upward), null]]);
    equal(traces[0].y, [upward(18)]);
    ok(!traces.some((trace) => trace.line?.dash));
  }
});

test("without its hook a view is played with Plotly's own traces, and the page says so once", () => {
  const real = globalThis.Plotly, calls = [], said = [];
  const graph = { _fullLayout: {}, layout: {}, data: [{ type: "contour" }] };
  globalThis.Plotly = {
    addTraces: (g, traces) => (calls.push("add"), g.data.push(...traces)),
    restyle: (g, update, which) => calls.push(`restyle ${which}`),
  };
  const fallback = new Fallback("map", { graph, isGone: true });
  const store = stored({ steps: 20 }), theme = readTheme();
  for (const [now, row] of [[0, 1], [1000, 2], [2500, 3], [2600, 4], [3000, 5]]) {
    fallback.update({ store, row, theme }, now, (text) => said.push(text));
  }
  globalThis.Plotly = real;
  equal([calls, said.length, fallback.active], [["add", "restyle 1,2"], 1, true]);
  equal(graph.data[1].x, [0, 1, 2, 3]);
});

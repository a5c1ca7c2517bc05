import { withChanged } from "/assets/page/scenario.mjs";
import { Looker } from "/assets/player/panels/looker.mjs";
import { drawParted, enlarged } from "/assets/player/views/parted.mjs";
import { close, equal, ok, place, test } from "./harness.mjs";
import { makeRace } from "./race.mjs";

const SPEC = { runs: [
  { name: "sgd", knobs: { lr: 0.1 } },
  { name: "rule", knobs: { text: "x = x - lr*g", lr: 1 }, declared: { knobs: {} } },
] };

test("a run with one thing changed comes after all others, and keeps what it is declared as", () => {
  const own = withChanged(SPEC, 1, { name: "rule", knobs: { text: "x = x - lr*g", lr: 0.5 } });
  equal(own.runs.map(({ name, knobs }) => [name, knobs.lr]), [["sgd", 0.1], ["rule", 1], ["rule", 0.5]]);
  ok(own.runs[2].declared);
  equal(SPEC.runs[1].knobs.lr, 1);
  const other = withChanged(SPEC, 0, { name: "momentum", knobs: { lr: 0.1, momentum: 0.9 } });
  equal(other.runs[2], { name: "momentum", knobs: { lr: 0.1, momentum: 0.9 } });
});

/** A map of 10 px a unit, y up. */
const map = {
  toPixels: (x, y) => ({ x: 100 + 10 * x, y: 100 - 10 * y }), plot: { left: 0, top: 0, width: 200, height: 200 },
};
const parted = (...afters) =>
  ({ step: 1, steps: afters.map((after, run) => ({ run, label: `r${run}`, before: [0, 0], after })) });

test("short steps are drawn longer, to one scale, long ones as they are", () => {
  close(enlarged(map, parted([0.1, 0], [0, 0.37])), 20, 1e-9);
  equal(enlarged(map, parted([9, 0], [0, 0.1])), 1);
  equal(enlarged(map, parted([0, 0], [0, 0])), 1);
  close(enlarged(map, parted([Infinity, 0], [0, 0.37])), 20, 1e-9);
});

test("a step that leads nowhere, or out of sight, leaves the other one drawn", () => {
  const ctx = document.createElement("canvas").getContext("2d");
  const theme = { ink: "#000", halo: "#fff", font: "serif", textScale: 1, runs: ["#00f", "#f00"] };
  for (const steps of [parted([0, 0], [1, 1]), parted([Infinity, 0], [1, 1])]) {
    ctx.clearRect(0, 0, 300, 150);
    drawParted(ctx, map, steps, theme);
    ok(ctx.getImageData(110, 80, 40, 20).data.some((value) => value > 0));
  }
});

test("what is looked at can be two runs, and of one run it says what is missing", () => {
  const { header } = makeRace({ runs: ["sgd"] });
  const engine = { map: { marks: null, stack: null }, clock: { step: 0, time: 0 }, store: { header }, emit() {} };
  const root = place(), looker = new Looker(root, engine);
  looker.compare();
  looker.update(engine.clock, engine.store);
  ok(root.textContent.includes("Add a second run to compare it with."));
  equal(root.querySelectorAll("select:disabled").length, 2);
});

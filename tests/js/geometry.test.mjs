import { HeightGrid } from "/assets/player/views/occlusion.mjs";
import { toPixel, toValue } from "/assets/player/views/projection2d.mjs";
import { multiply, Projection3d } from "/assets/player/views/projection3d.mjs";
import { clip, HIDDEN, MOVE, SEEN, Trail } from "/assets/player/views/trail.mjs";
import { close, equal, ok, test } from "./harness.mjs";

const line = (n, low, high) => Float32Array.from({ length: n }, (_, i) => low + ((high - low) * i) / (n - 1));

/** A wall along x = 0, 2 high, on flat ground. */
function wall() {
  const x = line(41, -2, 2), y = line(21, -1, 1);
  return new HeightGrid(x, y, [...y].map(() => Float32Array.from(x, (v) => (Math.abs(v) < 0.15 ? 2 : 0))));
}

test("heights are bilinear", () => {
  const x = line(5, 0, 4), y = line(3, 0, 2);
  const grid = new HeightGrid(x, y, [...y].map((v) => Float32Array.from(x, (u) => u + 10 * v)));
  close(grid.at(1.5, 0.25), 4, 1e-6); // float32
  close(grid.at(4, 2), 24, 1e-6);
});

test("a wall hides what stands behind it, and nothing else", () => {
  const grid = wall(), eye = [6, 0, 1.5, 1];
  ok(grid.hides(-1, 0, 0.05, eye), "behind");
  ok(!grid.hides(1, 0, 0.05, eye), "before");
  ok(!grid.hides(0, 0, 2.05, eye), "on top");
  ok(!grid.hides(-1, 0, 0.05, [-1, 0, 8, 1]), "from above");
  ok(grid.hides(1, 0, 0.05, [1, 0, -5, 1]), "from below");
});

test("the eye may be a direction (orthographic)", () => {
  ok(wall().hides(-1, 0, 0.05, [1, 0, 0.3, 0]));
  ok(!wall().hides(-1, 0, 0.05, [0, 0, 1, 0]));
});

test("matrices multiply column by column", () => {
  const shift = [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 5, 6, 7, 1];
  const scale = [2, 0, 0, 0, 0, 2, 0, 0, 0, 0, 2, 0, 0, 0, 0, 1];
  equal([...multiply(scale, shift)].slice(12), [10, 12, 14, 1]);
});

test("the middle of the picture is where the camera looks, and the eye is where it stands", () => {
  const model = [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1];
  const view = [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, -4, 1]; // the eye at (0, 0, 4)
  const projection = [1, 0, 0, 0, 0, 1, 0, 0, 0, 0, -1.1, -1, 0, 0, -2, 0];
  const scene = { glplot: { cameraParams: { model, view, projection } }, dataScale: [0.5, 1, 2] };
  const box = { left: 10, top: 20, width: 200, height: 100 };
  const camera = new Projection3d(), out = { x: 0, y: 0 };
  ok(camera.update(scene, box) && !camera.update(scene, box), "moves once");
  equal(camera.project(0, 0, 0, out), { x: 110, y: 70 });
  equal(camera.project(2, 0, 0, out), { x: 110 + (100 * 1) / 4, y: 70 });
  equal([...camera.eye], [0, 0, 2, 1]);
  ok(Number.isNaN(camera.project(0, 0, 3, out).x), "behind the eye");
  view[12] = 1;
  ok(camera.update(scene, box), "moves again");
});

test("axes go to pixels and back, logarithmic too", () => {
  for (const log of [false, true]) {
    const axis = { offset: 40, length: 300, slope: log ? -50 : 12, zero: 200, log };
    close(toValue(axis, toPixel(axis, 3.5)), 3.5, 1e-12);
  }
});

test("segments are cut to a box", () => {
  const box = { left: 0, right: 10, low: 0, high: 10 };
  equal(clip(-10, 5, 10, 5, box), [0.5, 1]);
  equal(clip(2, 2, 3, 3, box), [0, 1]);
  equal(clip(-5, -5, -1, 20, box), null);
});

test("a trail leaves out what nobody could see, and finds rows again", () => {
  const trail = new Trail();
  for (let row = 0; row < 1000; row++) trail.add(row < 100 ? row : 100, 0, row, SEEN);
  equal([trail.size, trail.by[0], trail.upTo(49), trail.upTo(5000)], [101, MOVE, 50, 101]);
});

test("a trail goes to two paths: seen and hidden, joined where they meet", () => {
  const trail = new Trail();
  [MOVE, SEEN, HIDDEN, SEEN].forEach((by, i) => trail.add(10 * i, 0, i, by));
  const record = () => {
    const calls = [];
    return { calls, moveTo: (x) => calls.push(["M", x]), lineTo: (x) => calls.push(["L", x]) };
  };
  const seen = record(), hidden = record();
  trail.trace(0, trail.size, seen, hidden);
  equal(seen.calls, [["M", 0], ["L", 10], ["M", 20], ["L", 30]]);
  equal(hidden.calls, [["M", 10], ["L", 20]]);
});

import { decode, Look } from "/assets/first/look.mjs";
import { isolines } from "/assets/player/core/isolines.mjs";
import { close, equal, ok, place, test } from "./harness.mjs";

/** A grid of a function. */
function grid(f, from = -2, to = 2, count = 41) {
  const x = Float64Array.from({ length: count }, (_, i) => from + ((to - from) * i) / (count - 1));
  const height = Float64Array.from({ length: count * count }, (_, k) => f(x[k % count], x[Math.floor(k / count)]));
  return { x, y: x, height };
}

test("isolines of a cone are circles, whole and closed", () => {
  const ends = new Map();
  let length = 0;
  isolines(grid((x, y) => Math.hypot(x, y)), [1.03], (x0, y0, x1, y1, level) => {
    equal(level, 1.03);
    for (const [x, y] of [[x0, y0], [x1, y1]]) {
      close(Math.hypot(x, y), 1.03, 0.01);
      const key = `${x.toFixed(9)},${y.toFixed(9)}`;
      ends.set(key, (ends.get(key) ?? 0) + 1);
    }
    length += Math.hypot(x1 - x0, y1 - y0);
  });
  close(length, 2 * Math.PI * 1.03, 0.02);
  ok([...ends.values()].every((count) => count === 2)); // each piece goes on in another
});

test("through a saddle both lines pass, and they do not cross", () => {
  const pieces = [];
  isolines(grid((x, y) => x * y, -1, 1, 2), [0.5], (...piece) => pieces.push(piece));
  equal(pieces.length, 2);
  // The middle is lower: each piece cuts off one of the two high corners.
  ok(pieces.every(([x0, y0, x1, y1]) => Math.sign(x0) * Math.sign(y0) >= 0 && x0 + y0 !== 0 && x1 + y1 !== 0));
});

test("flat ground has no lines", () => {
  isolines(grid(() => 0.5), [0.5, 0.25], () => ok(false));
});

test("a first look draws its paths up to a step, where the map has them", async () => {
  const text = (values) => btoa(String.fromCharCode(...new Uint8Array(values.buffer)));
  const axis = Float32Array.from({ length: 11 }, (_, i) => -10 + 2 * i), steps = 40;
  const path = (sign) => text(Float32Array.from({ length: steps + 1 }, (_, row) => -5 + sign * 0.1 * row));
  const look1 = { stops: [[0, 1, 1, 1], [1, 0, 0, 0]], light: [0, 0, 1], steepness: 1, ambient: [0.5, 0.5, 0.5],
    sun: [0.5, 0.5, 0.5], spans: [10, 10] };
  const z = Uint16Array.from({ length: 121 }, (_, k) => 500 * k);
  const race = decode({
    bounds: [-6, 6, -6, 6], isEqual: true, map: { x: text(axis), y: text(axis), z: text(z) }, levels: [0.25, 0.5],
    looks: { light: look1 }, minima: [{ x: 1, y: 1, is_global: true, kind: "point" }], steps, shape: [1, 1, steps + 1],
    rows: Array.from({ length: steps + 1 }, (_, row) => row), paths: [path(1), path(1)],
  });
  close(race.x[3], -4.7, 1e-6);
  close(race.grid.z[10][10], 60000 / 65535, 1e-12);
  const canvas = document.createElement("canvas");
  Object.assign(canvas.style, { width: "400px", height: "300px" });
  place().append(canvas);
  const look = new Look(canvas, race, "light");
  look.clock = () => 0;
  look.play();
  const pixel = (x, y) => [...canvas.getContext("2d").getImageData(
    Math.round(look.toX(x) * look.ratio), Math.round(look.toY(y) * look.ratio), 1, 1).data];
  const before = pixel(race.x[30], race.y[30]), start = pixel(-5, -5);
  look.clock = () => 40;
  await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
  ok(String(pixel(race.x[30], race.y[30])) !== String(before));
  ok(start[3] === 255);
  close(look.toX(0), 200, 1e-9); // the region is in the middle, a unit as long upwards as across
  close(look.toX(1) - look.toX(0), look.toY(0) - look.toY(1), 1e-9);
  look.end();
  ok(!canvas.isConnected);
});

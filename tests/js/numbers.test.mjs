import { linearAxis, logAxis, pushApart, stepTicks } from "/assets/player/views/axes.mjs";
import { compact, counted, decade, percent } from "/assets/player/core/format.mjs";
import { quartiles } from "/assets/player/core/values.mjs";
import { close, equal, ok, test } from "./harness.mjs";

test("numbers have a real minus sign and never a negative zero", () => {
  equal([compact(-3.704, 3), compact(-0), compact(NaN), compact(null)], ["−3.7", "0", "–", "–"]);
  equal([compact(-0.00001234), compact(0), compact(36.43587)], ["−1.23 × 10⁻⁵", "0", "36.44"]);
  equal([compact(123456, 3), compact(12345.6, 3), compact(-Infinity)], ["1.2 × 10⁵", "12346", "−∞"]);
});

test("a small number is never written as 0, nor a large share as all", () => {
  equal([compact(1.6e-5, 3), compact(0.0016, 3)], ["1.6 × 10⁻⁵", "0.0016"]);
  equal([0, 1, 0.8493, 0.99983, 0.0002, 3e-9].map(percent),
    ["0%", "100%", "84.9%", "99.98%", "0.02%", "3 × 10⁻⁷%"]);
});

test("decades are written out while that is short", () => {
  equal([-2, 0, 3, 8].map(decade), ["0.01", "1", "1000", "10⁸"]);
});

test("a log axis shows at most five decades and ends a little above the top", () => {
  const axis = logAxis(1e-9, 250);
  equal(axis.range[0], -2);
  close(axis.range[1], Math.log10(250) + 0.12, 1e-9); // the headroom
  equal(axis.ticktext, ["0.01", "0.1", "1", "10", "100"]);
});

test("a log axis of about one decade has ticks between", () => {
  equal(logAxis(13, 81).ticktext, ["10", "20", "50", "100"]);
});

test("a log axis survives nothing but zeros, and one value", () => {
  for (const axis of [logAxis(Infinity, 0), logAxis(5, 5)]) ok(axis.range[0] < axis.range[1]);
});

test("a linear axis starts at 0 with round ticks", () => {
  equal(linearAxis(0.2).ticktext, ["0", "0.1", "0.2"]);
});

test("step ticks end on the last step where a round step allows", () => {
  equal([160, 500, 2000, 7, 50].map(stepTicks), [40, 100, 500, 2, 10]);
});

test("labels are pushed apart, in order, inside their bounds", () => {
  const wanted = [50, 52, 51, 190, 200], gap = 16;
  const places = pushApart(wanted, gap, 4, 198);
  const sorted = [...places].sort((a, b) => a - b);
  for (let i = 1; i < sorted.length; i++) ok(sorted[i] - sorted[i - 1] >= gap - 1e-9, String(places));
  ok(places[0] < places[2] && places[2] < places[1] && places[3] < places[4], "order changed");
  ok(sorted[0] >= 4 && sorted[4] <= 198, "outside");
  equal(pushApart([10, 100], gap, 0, 200), [10, 100]); // nothing moves without need
});

test("a start that has diverged counts as above all, so that leaving early flatters nobody", () => {
  equal(quartiles(Float32Array.of(5, 1, 3, 2, 4)), [2, 3, 4]);
  equal(quartiles(Float32Array.of(4, 1)), [1.75, 2.5, 3.25]);
  equal(quartiles(Float32Array.of(5, NaN, 1, 3)).map(String), ["2.5", "4", "Infinity"]);
  equal(quartiles(Float32Array.of(NaN)).map(String), ["Infinity", "Infinity", "Infinity"]);
});

test("one is said in the singular", () => {
  equal([counted(1, "step"), counted(0, "step"), counted(2000, "step")], ["1 step", "0 steps", "2,000 steps"]);
});

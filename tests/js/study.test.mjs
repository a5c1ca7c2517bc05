import { told } from "/assets/study/charts.mjs";
import { ticks } from "/assets/study/layout.mjs";
import { equal, ok, test } from "./harness.mjs";

test("a logarithmic axis always has labels to read a value by", () => {
  equal(ticks([0.3, 3.2]).ticktext, ["0.3", "1", "3"]);
  equal(ticks([1e-6, 200]).ticktext.at(-1), "100");
  equal(ticks([1, 2, 3, 4, 6, 8, 16, 32]).ticktext, ["1", "2", "3", "4", "6", "8", "16", "32"]);
  equal(ticks([1.02, 1.08]).tickvals.length > 2, true);
  equal(ticks([0.0005, 0.02]).ticktext[0], "10⁻³");
  equal(ticks([]), {});
});

test("two labels or more, in order and inside, whatever the ends", () => {
  let state = 12345; // Park & Miller's generator: the same cases every time
  const draw = () => (state = (state * 16807) % 2147483647) / 2147483647;
  for (let i = 0; i < 500; i++) {
    const low = 10 ** (24 * draw() - 12), high = low * 10 ** (0.01 + 12 * draw() ** 3);
    const { tickvals, ticktext } = ticks([low, high]);
    const where = `case ${i}: ${low} to ${high}: ${ticktext}`;
    ok(tickvals.length >= 2 && tickvals.length <= 8, where);
    ok(tickvals.every((value, at) => at === 0 || value > tickvals[at - 1]), where);
    ok(tickvals[0] >= low * (1 - 1e-6) && tickvals.at(-1) <= high * (1 + 1e-6), where);
    ok(new Set(ticktext).size === ticktext.length, where);
  }
});

test("a point at the edge of an axis says what was measured, others what is drawn", () => {
  equal(told({}), { hovertemplate: "%{y:.3g}" });
  equal(told({ real: [null, 0, 123_456, 0.5] }, "a: ", "!"), {
    customdata: ["∞", "0", "1.23 × 10⁵", "0.5"], hovertemplate: "a: %{customdata}!",
  });
});

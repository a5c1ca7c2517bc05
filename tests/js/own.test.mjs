import { begin, moved, now } from "/assets/page/drift.mjs";
import { drafted, prefilled, unread, written } from "/assets/page/own.mjs";
import { name, textOf } from "/assets/page/questions.mjs";
import { entryOf, lookUp, withKnob, withSurface } from "/assets/page/scenario.mjs";
import { equal, ok, test } from "./harness.mjs";

const NONE = { name: "none", knobs: {} };
const number = (value) => ({ kind: "number", default: value });
const declared = {
  surfaces: {
    booth: { knobs: {}, start: [1, 2], bounds: [-10, 10, -5, 5], rates: { adam: 0.3 }, formula: "x + y",
      title: "Booth" },
    wells: { knobs: { s: number(0), a: number(2) }, start: [0, 0], bounds: [-1, 1, -1, 1], rates: { adam: 0.1 },
      formula: "a*(x - s)**2", title: "Wells" },
  },
  optimizers: {
    adam: { knobs: { lr: number(0.001), beta1: number(0.9), clip_norm: number(0) }, own: ["lr", "beta1"],
      rule: "m = beta1*m + g\nx = x - lr*m" },
  },
  starts: { point: { knobs: { x: number(0), y: number(0) } } },
  schedules: {}, noises: {},
  drifts: { none: { knobs: {} }, jump: { knobs: { at: number(0.5) } } },
  scenario: { steps: number(500), drift: { kind: "call", registry: "drifts", default: NONE } },
};
const spec = {
  surface: { name: "wells", knobs: { s: 0, a: 3 } },
  runs: [{ name: "adam", knobs: { lr: 0.1, beta1: 0.9, clip_norm: 0 } }],
  start: { name: "point", knobs: { x: 0.5, y: 0.5 } }, steps: 500, tol: null, drift: NONE,
};

test("the editor begins with a copy, and what it makes is a query", () => {
  const form = prefilled(spec, declared, "surface", 0);
  equal(form, { text: "a*(x - s)**2", bounds: [-1, 1, -1, 1], lr: 0, knobs: [{ name: "a", value: 3 }] });
  const next = drafted(spec, declared, "surface", 0, { ...form, text: "a*x + y" });
  equal(decodeURIComponent(textOf(next, declared)),
    'surface=formula(f="a*x + y",bounds="-1,1,-1,1",a=3)&run=adam(lr=0.1)&start=0.5,0.5');
  equal(next.drift, NONE);
  const far = drafted(spec, declared, "surface", 0, { ...form, bounds: ["2", "3", "0", "10"] });
  equal(far.start.knobs, { x: 2.2, y: 8 });
});

test("the server's text is used for the very spec that it is of, and for no changed one", () => {
  const read = { ...spec };
  name(read, "surface=wells(a=3)");
  equal(textOf(read, declared), "surface=wells(a=3)");
  ok(textOf({ ...read }, declared).includes("run=adam(lr=0.1)"));
  ok(textOf(withKnob(read, declared, { part: "scenario", index: 0, knob: "steps" }, 7), declared).includes("steps=7"));
});

test("a rule of one's own keeps its lines and its knobs", () => {
  const form = prefilled(spec, declared, "run", 0);
  equal(form.text, "m = beta1*m + g\nx = x - lr*m");
  equal(form.knobs, [{ name: "beta1", value: 0.9 }]);
  const next = drafted(spec, declared, "run", 1, { ...form, text: "x = x - lr*g*beta1", lr: "0.5" });
  equal(next.runs.map((run) => run.name), ["adam", "rule"]);
  ok(decodeURIComponent(textOf(next, declared)).includes('run=rule(text="x = x - lr*g*beta1",lr=0.5,beta1=0.9)'));
  equal(prefilled(next, declared, "run", 1).knobs, [{ name: "beta1", value: 0.9 }]);
});

test("what is missing is said before the server is asked", () => {
  const form = { text: "x", bounds: [0, 1, 0, 1], lr: 1, knobs: [] };
  equal(written(form, "surface"), null);
  equal(written({ ...form, text: 'x"y' }, "surface").position, 1);
  ok(written({ ...form, text: "  " }, "surface").message.includes("Write a formula"));
  equal(written({ ...form, bounds: [0, "", 0, 1] }, "surface").message, "x to: Write a number.");
  equal(written({ ...form, bounds: [0, "1,5", 0, 1] }, "surface"), null);
  ok(written({ ...form, lr: "a" }, "run").message.includes("lr"));
  ok(written({ ...form, knobs: [{ name: "2a", value: 1 }] }, "run").message.includes("2a"));
  const twice = [{ name: "a", value: 1 }, { name: "a", value: 2 }];
  ok(written({ ...form, knobs: twice }, "run").message.includes("two knobs"));
  equal(unread({ text: "ab + c", knobs: [{ name: "a" }, { name: "c" }] }), ["a"]);
  equal(unread({ text: "2a + 2e3b - 3x2c", knobs: [{ name: "a" }, { name: "b" }, { name: "c" }] }), ["c"]);
});

test("calls of one's own carry their declaration", () => {
  const own = { name: "formula", knobs: {}, declared: { own: [] } };
  ok(entryOf(declared, "surfaces", own) === own.declared);
  ok(entryOf(declared, "surfaces", spec.surface) === declared.surfaces.wells);
});

test("drift is a knob of the scenario, and goes with the surface that has an s", () => {
  const where = { part: "scenario", index: 0, knob: "drift" };
  const moving = withKnob(spec, declared, where, "jump");
  equal(moving.drift, { name: "jump", knobs: { at: 0.5 } });
  const later = withKnob(moving, declared, { ...where, knob: "drift.at" }, 0.25);
  equal(lookUp(later, declared, { ...where, knob: "drift.at" }).value, 0.25);
  ok(textOf(later, declared).endsWith("drift=jump(at=0.25)"));
  equal(textOf(moving, declared).split("&").at(-1), "drift=jump");
  equal(withSurface(moving, declared, "booth").drift, NONE);
});

test("a drifting surface is shown in steps of its morph", () => {
  begin({ s: [0, 0.25, 0.5, 0.75, 1], steps: 100 });
  const moving = { ...spec, drift: { name: "jump", knobs: {} } };
  equal(now(moving).surface.knobs.s, 0);
  ok(!moved(3));
  ok(moved(50));
  equal(now(moving).surface.knobs.s, 0.5);
  ok(!moved(52));
  equal(now(spec).surface.knobs.s, 0);
  begin({ s: null, steps: 100 });
  ok(!moved(50));
  equal(now(moving), moving);
});

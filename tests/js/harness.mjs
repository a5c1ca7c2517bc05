/** The smallest harness that will do: cases are functions, a failure is an exception. */

const cases = [];

/** @param {string} name @param {() => (void|Promise<void>)} run */
export function test(name, run) {
  cases.push({ name, run });
}

export function ok(condition, message = "expected something true") {
  if (!condition) throw new Error(message);
}

export function equal(actual, expected) {
  const [a, b] = [actual, expected].map((value) => JSON.stringify(value));
  ok(a === b, `${a} is not ${b}`);
}

export function close(actual, expected, tolerance) {
  ok(Math.abs(actual - expected) <= tolerance, `${actual} is not within ${tolerance} of ${expected}`);
}

/** The error that a promise rejects with. @param {Promise<any>} promise */
export async function rejection(promise) {
  try {
    await promise;
  } catch (error) {
    return error;
  }
  throw new Error("expected a rejection");
}

/** A place in the page for one case. @param {Partial<CSSStyleDeclaration>} style */
export function place(style = {}) {
  const node = document.createElement("div");
  Object.assign(node.style, style);
  document.body.replaceChildren(node);
  return node;
}

/** Run what a module has declared. @returns {Promise<{ran: number, failed: string[]}>} */
export async function run() {
  const failed = [];
  for (const { name, run: body } of cases) {
    try {
      await body();
    } catch (error) {
      failed.push(`${name}: ${error.stack}`);
    }
  }
  return { ran: cases.length, failed };
}

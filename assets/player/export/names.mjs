/** Names of runs beside their heads: those that are at one place stand above each other. */

const NEAR = 22, GAP = 12, LINE = 16; // px

/**
 * @typedef {{run: number, x: number, y: number}} Head CSS px
 * @typedef {{left: number, top: number, width: number, height: number}} Box
 */

/**
 * The heads that are near each other, or whose names would be.
 * @param {Head[]} heads @param {(run: number) => number} widthOf a name, px @param {number} line px
 * @returns {Head[][]}
 */
function clusters(heads, widthOf, line) {
  /** @param {Head} a @param {Head} b */
  const isNear = (a, b) => {
    const left = a.x < b.x ? a : b;
    return Math.hypot(a.x - b.x, a.y - b.y) < NEAR
      || (Math.abs(a.y - b.y) < line && Math.abs(a.x - b.x) < widthOf(left.run));
  };
  /** @type {Head[][]} */
  const made = [];
  for (const head of heads) {
    const near = made.find((group) => group.some((other) => isNear(other, head)));
    if (near) near.push(head);
    else made.push([head]);
  }
  return made;
}

/**
 * Where each name stands: up and to the right of its head, to the left near the right edge.
 * @param {Head[]} heads @param {Box} box that holds the names
 * @param {(run: number) => number} widthOf a name, px
 * @param {number} scale of text
 * @returns {{run: number, x: number, y: number, align: "left"|"right"}[]} middle of each line, in CSS px
 */
export function beside(heads, { left, top, width }, widthOf, scale = 1) {
  return clusters(heads, widthOf, LINE * scale).flatMap((group) => {
    const widest = Math.max(...group.map(({ run }) => widthOf(run)));
    const right = Math.max(...group.map(({ x }) => x)) + GAP;
    const isLeft = right + widest > left + width;
    const x = isLeft ? Math.min(...group.map((head) => head.x)) - GAP : right;
    const line = LINE * scale, high = Math.min(...group.map((head) => head.y)) - 0.6 * line;
    const first = Math.max(top + line, high - (group.length - 1) * line);
    return group.map(({ run }, i) => ({ run, x, y: first + i * line, align: isLeft ? "right" : "left" }));
  });
}

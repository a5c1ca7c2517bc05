/**
 * Choosing a start on the map: press and release picks the place; a press on the start drags it.
 * Plotly keeps pan and zoom: it never sees a press on the start, and always sees the others.
 */

const STILL = 5; // px a press may wander and still be a click
const GRAB = 12, GRAB_TOUCH = 24; // px around the start
const NOT_THE_MAP = ".map-key, .nn-hint, .modebar, .nn-steer, button, a, input";
const TWICE = 350, TWICE_NEAR = 14; // ms, px: a second press so soon and so near makes a double click

/**
 * @typedef {{x: number, y: number}} Place
 * @typedef {{x: number, y: number, done: boolean}} Pick done: not while it is still dragged
 */

export class Picker {
  /**
   * @param {import("./map.mjs").MapOverlay} map
   * @param {(pick: Pick, time: number) => void} onPick
   * @param {(place: Place|null) => void} onPress where a press that may become a pick began; null
   *   when it has become something else
   * @param {(picked: boolean) => void} onDouble a double click; has its first half picked a place?
   */
  constructor(map, onPick, onPress, onDouble) {
    this.map = map;
    this.onPick = onPick;
    this.onPress = onPress;
    this.onDouble = onDouble;
    /** The last click. @type {(Place & {time: number, picked: boolean})|null} */
    this.clicked = null;
    this.deaf = 0; // until then a press is the third of a double click
    /** @type {HTMLElement|null} */
    this.stage = null;
    /** @type {(Place & {grabbed: boolean, id: number, moved?: boolean, isSecond?: boolean})|null} */
    this.press = null;
    /** The newest place of a drag, until the next frame. @type {(Place & {time: number})|null} */
    this.waiting = null;
    // On the window: while a button is down Plotly covers the page to keep the pointer to itself.
    window.addEventListener("pointermove", (e) => this.#move(e), { capture: true });
    window.addEventListener("pointerup", (e) => this.#up(e), { capture: true });
    window.addEventListener("pointerdown", ({ target }) => { // a press elsewhere stands between two clicks
      if (!this.stage?.contains(/** @type {Node} */ (target))) this.clicked = null;
    }, { capture: true });
    window.addEventListener("pointercancel", () => this.#cancel(), { capture: true });
  }

  /** The stage may be mounted anew. */
  listen() {
    const stage = this.map.stack?.stage;
    if (!stage || stage === this.stage) return;
    this.stage = stage;
    const during = { capture: true };
    stage.addEventListener("pointerdown", (e) => this.#down(e), during);
    stage.addEventListener("pointermove", (e) => this.#hint(e), during);
    /** @param {Event} event */
    const keepFromPlotly = (event) => {
      if (!this.press?.grabbed && event.timeStamp > this.deaf) return;
      event.stopPropagation();
      event.preventDefault();
    };
    stage.addEventListener("mousedown", keepFromPlotly, during);
    stage.addEventListener("touchstart", keepFromPlotly, { capture: true, passive: false });
  }

  /** @param {MouseEvent} event */
  #place(event) {
    const box = this.stage.getBoundingClientRect();
    return { x: event.clientX - box.left, y: event.clientY - box.top };
  }

  /** @param {Place} at @param {boolean} isTouch */
  #isOnStart(at, isTouch) {
    const { store, projection, dragged } = this.map;
    if (!projection || !store?.received || store.header.lanes_total !== 1) return false;
    const start = this.map.toPixels(dragged?.x ?? store.x[0][0], dragged?.y ?? store.y[0][0]);
    return Math.hypot(start.x - at.x, start.y - at.y) < (isTouch ? GRAB_TOUCH : GRAB);
  }

  /** @param {PointerEvent} event */
  #down(event) {
    const target = /** @type {Element} */ (event.target);
    if (event.button !== 0 || !event.isPrimary || target.closest(NOT_THE_MAP)) return;
    const at = this.#place(event);
    const place = this.map.toData(at.x, at.y);
    if (!place || event.timeStamp < this.deaf) return;
    const { clicked } = this;
    const isSecond = clicked !== null && event.timeStamp - clicked.time < TWICE
      && Math.hypot(clicked.x - at.x, clicked.y - at.y) < TWICE_NEAR;
    const grabbed = isSecond || this.#isOnStart(at, event.pointerType !== "mouse");
    this.press = { ...at, id: event.pointerId, grabbed, isSecond };
    if (!this.press.grabbed) {
      this.onPress(place);
      return;
    }
    this.stage.setPointerCapture(event.pointerId);
    this.stage.classList.add("nn-grabbing");
    event.stopPropagation();
  }

  /** The pointer over the start becomes a hand. @param {PointerEvent} event */
  #hint(event) {
    if (!this.press) this.stage.classList.toggle("nn-grab", this.#isOnStart(this.#place(event), false));
  }

  /** @param {PointerEvent} event */
  #move(event) {
    const { press } = this;
    if (!press || event.pointerId !== press.id) return;
    const at = this.#place(event), hadMoved = press.moved;
    press.moved ||= Math.hypot(at.x - press.x, at.y - press.y) >= STILL;
    if (press.grabbed && press.moved) this.waiting = { ...this.#inside(at), time: event.timeStamp };
    else if (press.moved && !hadMoved) this.onPress(null);
  }

  /** The nearest place on the map, so that a drag may leave it. @param {Place} place */
  #inside({ x, y }) {
    const { left, top, width, height } = this.map.plot;
    return this.map.toData(
      Math.max(left, Math.min(left + width, x)), Math.max(top, Math.min(top + height, y)));
  }

  /** @param {PointerEvent} event */
  #up(event) {
    const { press } = this;
    if (!press || event.pointerId !== press.id) return;
    const at = this.#place(event);
    this.#cancel();
    const wandered = Math.hypot(at.x - press.x, at.y - press.y) >= STILL;
    const { clicked } = this, isClick = !wandered && !press.moved;
    this.clicked = isClick && !press.isSecond ? { ...at, time: event.timeStamp, picked: !press.grabbed } : null;
    if (press.isSecond && isClick) {
      this.deaf = event.timeStamp + TWICE;
      this.onDouble(clicked?.picked ?? false);
      return;
    }
    if (press.grabbed ? !press.moved : wandered) return;
    const place = press.grabbed ? this.#inside(at) : this.map.toData(at.x, at.y);
    if (place) this.#tell(place, true, event.timeStamp);
  }

  #cancel() {
    this.press = this.waiting = null;
    this.stage?.classList.remove("nn-grabbing");
  }

  /** Once a frame: pass on the newest place of a drag. */
  frame() {
    this.listen();
    if (!this.waiting) return;
    const { x, y, time } = this.waiting;
    this.waiting = null;
    this.#tell({ x, y }, false, time);
  }

  /** @param {Place} place @param {boolean} done @param {number} time */
  #tell({ x, y }, done, time) {
    if (!done) { // after a click the answer comes sooner than a frame more would
      this.map.dragged = { x, y };
      this.map.dirty = true;
    }
    this.onPick({ x, y, done }, time);
  }
}

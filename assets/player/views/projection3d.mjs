/**
 * Data to pixels of a Plotly 3D scene.
 *
 * Private hooks of plotly.js, kept in this file: `_fullLayout.scene._scene` with
 * `glplot.cameraParams` (column-major 4x4 `model`, `view`, `projection`), `dataScale`
 * and the canvas. They follow the camera from frame to frame. And `glplot.objects`, see below.
 */

/** out = a · b, column-major 4x4. @param {ArrayLike<number>} a @param {ArrayLike<number>} b */
export function multiply(a, b, out = new Float64Array(16)) {
  for (let column = 0; column < 4; column++) {
    for (let row = 0; row < 4; row++) {
      let sum = 0;
      for (let k = 0; k < 4; k++) sum += a[4 * k + row] * b[4 * column + k];
      out[4 * column + row] = sum;
    }
  }
  return out;
}

/** The live scene object of a graph, or null when a hook is missing. @param {PlotlyGraph|null} graph */
export function sceneOf(graph) {
  const scene = graph?._fullLayout?.scene?._scene;
  const camera = scene?.glplot?.cameraParams;
  if (!camera?.model || !camera.view || !camera.projection || !scene.dataScale) return null;
  return scene.glplot.contextLost || !scene.glplot.canvas ? null : scene;
}

/**
 * Keep Plotly from finding out what lies under the pointer, which nobody asks it: for that it
 * draws the scene a second time after every change, and waits until it can read the pixels back.
 * @param {PlotlyGlplot} glplot with `objects`, `add`, `remove`; an object with `pickSlots` is looked for
 */
export function stopPicking(glplot) {
  if (!glplot.objects?.some((object) => object.pickSlots)) return;
  const objects = [...glplot.objects];
  for (const object of objects) glplot.remove(object); // the last one takes the buffers along
  for (const object of objects) {
    object.pickSlots = 0;
    glplot.add(object);
  }
}

/** Where a scene's canvas is within its stage: measured only when it is another one or was resized. */
export class CanvasBox {
  constructor() {
    /** @type {HTMLCanvasElement|null} */
    this.canvas = null;
    this.width = this.height = 0; // of the stage
    this.box = { left: 0, top: 0, width: 0, height: 0 };
  }

  /** @param {import("./stack.mjs").Stack} stack @param {HTMLCanvasElement} canvas */
  of({ stage, width, height }, canvas) {
    if (this.canvas === canvas && this.width === width && this.height === height) return this.box;
    const outer = stage.getBoundingClientRect(), inner = canvas.getBoundingClientRect();
    this.canvas = canvas;
    this.width = width;
    this.height = height;
    this.box = {
      left: inner.left - outer.left, top: inner.top - outer.top, width: inner.width, height: inner.height,
    };
    return this.box;
  }
}

export class Projection3d {
  constructor() {
    this.matrix = new Float64Array(16); // data → clip
    this.eye = new Float64Array(4); // in data units; w = 0 means a direction (orthographic)
    this.seen = new Float64Array(53).fill(NaN);
    this.box = { left: 0, top: 0, width: 0, height: 0 }; // the canvas, in CSS px of the graph
  }

  /**
   * Take over the camera of the scene.
   * @param {Pick<PlotlyScene, "glplot"|"dataScale">} scene from sceneOf
   * @param {{left: number, top: number, width: number, height: number}} box
   * @returns {boolean} whether anything moved since the last call
   */
  update(scene, box) {
    const { model, view, projection, _ortho: ortho } = scene.glplot.cameraParams;
    const now = [...model, ...view, ...projection, ...scene.dataScale, box.width, box.height];
    let moved = box.left !== this.box.left || box.top !== this.box.top;
    for (let i = 0; i < now.length; i++) {
      if (now[i] !== this.seen[i]) moved = true;
      this.seen[i] = now[i];
    }
    if (!moved) return false;
    this.box = box;
    multiply(projection, multiply(view, model), this.matrix);
    for (let i = 0; i < 12; i++) this.matrix[i] *= scene.dataScale[i >> 2];
    this.#placeEye(model, view, scene.dataScale, ortho);
    return true;
  }

  /**
   * The eye in data units: `view` is a rotation and a shift, `model` scales and shifts.
   * @param {number[]} model @param {number[]} view @param {number[]} scale @param {boolean} ortho
   */
  #placeEye(model, view, scale, ortho) {
    for (let i = 0; i < 3; i++) {
      const at = ortho
        ? view[4 * i + 2]
        : -(view[4 * i] * view[12] + view[4 * i + 1] * view[13] + view[4 * i + 2] * view[14]);
      this.eye[i] = (ortho ? at : at - model[12 + i]) / (model[5 * i] * scale[i]);
    }
    this.eye[3] = ortho ? 0 : 1;
  }

  /**
   * CSS pixel of a data point, in the graph.
   * @param {number} x @param {number} y @param {number} z
   * @param {{x: number, y: number}} out NaN when the point is behind the eye
   */
  project(x, y, z, out) {
    const m = this.matrix;
    const w = m[3] * x + m[7] * y + m[11] * z + m[15];
    if (!(w > 0)) {
      out.x = out.y = NaN;
      return out;
    }
    out.x = this.box.left + (((m[0] * x + m[4] * y + m[8] * z + m[12]) / w + 1) / 2) * this.box.width;
    out.y = this.box.top + ((1 - (m[1] * x + m[5] * y + m[9] * z + m[13]) / w) / 2) * this.box.height;
    return out;
  }
}

/** The page's own letters inside an SVG: a picture made of one, or a reader elsewhere, has no other way to them. */

const FILE = new URL("../../fonts/inter.woff2", import.meta.url);

/** @type {Promise<string>|null} */
let face = null;

/** The letters as CSS. @returns {Promise<string>} empty when they could not be had: others stand in */
function letters() {
  face ??= fetch(FILE).then((answer) => (answer.ok ? answer.blob() : Promise.reject(new Error("no letters"))))
    .then((blob) => new Promise((/** @type {(url: string) => void} */ done) => {
      const reader = new FileReader();
      reader.onload = () => done(/** @type {string} */ (reader.result));
      reader.readAsDataURL(blob);
    }))
    .then((url) => `@font-face{font-family:Inter;font-weight:100 900;src:url(${url}) format("woff2")}`)
    .catch(() => ((face = null), ""));
  return face;
}

/** An SVG read from its data URL. @param {string} url */
export function read(url) {
  const text = decodeURIComponent(url.slice(url.indexOf(",") + 1));
  return new DOMParser().parseFromString(text, "image/svg+xml").documentElement;
}

/** The text of an SVG that brings its letters. @param {Element} root */
export async function lettered(root) {
  const style = document.createElementNS("http://www.w3.org/2000/svg", "style");
  style.textContent = await letters();
  root.prepend(style);
  return new XMLSerializer().serializeToString(root);
}

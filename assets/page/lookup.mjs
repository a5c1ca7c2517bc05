/** Numbers you can look up: sets the records, and goes to the one that the address names. */

/** @type {Element | null} */
let shownPage = null;

/** @param {Element} page */
function begin(page) {
  const records = /** @type {HTMLElement} */ (page.querySelector("[data-html]"));
  records.innerHTML = /** @type {string} */ (records.dataset.html); // made and escaped by page/markup.py
  if (location.hash) document.getElementById(location.hash.slice(1))?.scrollIntoView();
}

/** Listen; the page comes and goes. */
export function watch() {
  const look = () => {
    const page = document.querySelector(".lookup");
    if (page === shownPage) return;
    shownPage = page;
    if (page) begin(page);
  };
  look();
  new MutationObserver(look).observe(document.body, { subtree: true, childList: true });
}

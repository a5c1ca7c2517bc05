/** Numbers you can look up: an address with #name goes to its record, once the page is there. */

/** @type {Element | null} */
let shownPage = null;

/** Listen; the page comes and goes. */
export function watch() {
  const look = () => {
    const page = document.querySelector(".lookup");
    if (page === shownPage) return;
    shownPage = page;
    if (page && location.hash) document.getElementById(location.hash.slice(1))?.scrollIntoView();
  };
  look();
  new MutationObserver(look).observe(document.body, { subtree: true, childList: true });
}

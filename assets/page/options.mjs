/** How a menu of Mantine's shows an option that has a picture: a mask, inked by the style sheet. */

/** @param {{option: {label: string, picture: string}, checked: boolean}} shown */
function withPicture({ option, checked }) {
  const element = window.React.createElement;
  const line = element("span", {
    className: "spark",
    style: { maskImage: `url(${option.picture})` },
    "aria-hidden": true,
  });
  const className = checked ? "with-picture is-chosen" : "with-picture";
  return element("span", { className }, line, element("span", null, option.label));
}

/** Offer it under the name that `page/controls.py` asks for. */
export function offer() {
  window.dashMantineFunctions = { ...window.dashMantineFunctions, withPicture };
}

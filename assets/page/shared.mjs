/** Texts that leave the page: what a person types into a link, and the page as a frame of another one. */

/** What is no sign that is read: control characters, and those that make text run the other way. */
const UNREAD = /[\p{Cc}\p{Cs}\u202A-\u202E\u2066-\u2069]/gu;

/** A line of plain text, as the server would read it. @param {string} text */
export const plain = (text) => text.replace(/\s/gu, " ").replace(UNREAD, "").replace(/ +/gu, " ").trim();

/** Of what is typed as many characters as there may be. @param {string} text @param {number} most */
export function within(text, most) {
  const signs = [...text];
  return signs.length > most ? signs.slice(0, most).join("") : text;
}

/** @param {string} text */
const quoted = (text) => text.replaceAll("&", "&amp;").replaceAll('"', "&quot;").replaceAll("<", "&lt;");

/** The page as a frame of another one, as HTML. @param {string} url @param {string} title */
export const frame = (url, title) =>
  `<iframe src="${quoted(url)}" title="${quoted(title)}" width="100%" height="720" style="border:0" `
  + 'loading="lazy" allow="fullscreen"></iframe>';

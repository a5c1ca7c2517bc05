/**
 * Browsers record WebM as a live stream, without saying how long it is: players then show no
 * length. This writes it into the header.
 */

const SEGMENT = 0x18538067, INFO = 0x1549a966, DURATION = 0x4489;
const UNKNOWN = [0x01, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]; // a size that is left open

/** The length of a variable-length number, from its first byte. @param {number} first */
const lengthOf = (first) => Math.clz32(first) - 23;

/** An element's id, where its content begins, and its size. @param {Uint8Array} bytes @param {number} at */
function element(bytes, at) {
  const idLength = lengthOf(bytes[at]);
  let id = 0;
  for (let i = 0; i < idLength; i++) id = id * 256 + bytes[at + i];
  const sizeAt = at + idLength, sizeLength = lengthOf(bytes[sizeAt]);
  let size = bytes[sizeAt] & (0xff >> sizeLength);
  for (let i = 1; i < sizeLength; i++) size = size * 256 + bytes[sizeAt + i];
  const isOpen = sizeLength === 8 && UNKNOWN.every((byte, i) => bytes[sizeAt + i] === byte);
  return { id, sizeAt, content: sizeAt + sizeLength, size, isOpen };
}

/**
 * @param {Uint8Array<ArrayBuffer>} bytes a WebM file whose segment has no size yet
 * @param {number} ms how long it is
 * @returns {Uint8Array<ArrayBuffer>} with the duration; unchanged where the file is built otherwise
 */
export function withDuration(bytes, ms) {
  const header = element(bytes, 0), segment = element(bytes, header.content + header.size);
  if (segment.id !== SEGMENT || !segment.isOpen) return bytes;
  let info = element(bytes, segment.content);
  for (let n = 0; info.id !== INFO; n++) {
    if (n > 8 || info.isOpen || info.content + info.size >= bytes.length) return bytes;
    info = element(bytes, info.content + info.size);
  }
  const end = info.content + info.size;
  for (let at = info.content; at < end;) {
    const part = element(bytes, at);
    if (part.id === DURATION) return bytes;
    at = part.content + part.size;
  }
  const duration = new DataView(new ArrayBuffer(11));
  duration.setUint16(0, DURATION);
  duration.setUint8(2, 0x88); // eight bytes follow
  duration.setFloat64(3, ms); // in units of the timecode scale, which is a millisecond unless said otherwise
  const size = new DataView(new ArrayBuffer(8));
  size.setUint32(4, info.size + 11);
  size.setUint8(0, 0x01);
  const parts = [bytes.subarray(0, info.sizeAt), new Uint8Array(size.buffer),
    bytes.subarray(info.content, end), new Uint8Array(duration.buffer), bytes.subarray(end)];
  const made = new Uint8Array(parts.reduce((n, part) => n + part.length, 0));
  parts.reduce((at, part) => (made.set(part, at), at + part.length), 0);
  return made;
}

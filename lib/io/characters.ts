// Counting characters as Python does, in JavaScript's strings of UTF-16 units.

const SURROGATE_PAIR = /[\ud800-\udbff][\udc00-\udfff]/;

function isPair(text: string, index: number): boolean {
  const unit = text.charCodeAt(index);
  if (unit < 0xd800 || unit > 0xdbff) return false;
  const next = text.charCodeAt(index + 1);
  return next >= 0xdc00 && next <= 0xdfff;
}

/** How many characters (code points) a text has. */
export function countCharacters(text: string): number {
  if (!SURROGATE_PAIR.test(text)) return text.length;
  let count = 0;
  for (let index = 0; index < text.length; index += isPair(text, index) ? 2 : 1) count += 1;
  return count;
}

/** The index behind `count` characters from `start` on, or the length if there are fewer. */
export function skipCharacters(text: string, start: number, count: number): number {
  let index = start;
  for (let left = count; left > 0 && index < text.length; left -= 1) {
    index += isPair(text, index) ? 2 : 1;
  }
  return Math.min(index, text.length);
}

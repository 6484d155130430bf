// Punycode (RFC 3492): a Unicode label in ASCII letters, digits and hyphens.

const BASE = 36;
const LEAST_THRESHOLD = 1;
const MOST_THRESHOLD = 26;
const SKEW = 38;
const DAMP = 700;
const FIRST_BIAS = 72;
const FIRST_CODE_POINT = 0x80;
const DIGITS = 'abcdefghijklmnopqrstuvwxyz0123456789';

/** Section 6.1: the next bias, so that differences of about this size get short. */
function adapt(difference: number, length: number, isFirst: boolean): number {
  let rest = Math.floor(difference / (isFirst ? DAMP : 2));
  rest += Math.floor(rest / length);
  let bias = 0;
  while (rest > ((BASE - LEAST_THRESHOLD) * MOST_THRESHOLD) / 2) {
    rest = Math.floor(rest / (BASE - LEAST_THRESHOLD));
    bias += BASE;
  }
  return bias + Math.floor(((BASE - LEAST_THRESHOLD + 1) * rest) / (rest + SKEW));
}

/** Section 3.3: a number with digits whose base depends on their place. */
function variableLength(number: number, bias: number): string {
  let text = '';
  let rest = number;
  for (let place = BASE; ; place += BASE) {
    const threshold = Math.min(Math.max(place - bias, LEAST_THRESHOLD), MOST_THRESHOLD);
    if (rest < threshold) return text + DIGITS[rest];
    const base = BASE - threshold;
    text += DIGITS[threshold + ((rest - threshold) % base)];
    rest = Math.floor((rest - threshold) / base);
  }
}

/** The label in Punycode, without the prefix `xn--`. */
export function encodePunycode(label: string): string {
  const codes = Array.from(label, (character) => character.codePointAt(0) as number);
  const basic = label.replace(/\P{ASCII}/gu, '');
  let text = basic === '' ? '' : `${basic}-`;
  let bias = FIRST_BIAS;
  let done = basic.length;
  let difference = 0;
  let previous = FIRST_CODE_POINT - 1;
  const others = [...new Set(codes)].filter((code) => code >= FIRST_CODE_POINT);
  for (const current of others.sort((a, b) => a - b)) {
    // Between two code points lie as many states as the label has places for each.
    difference += (current - previous - 1) * (done + 1);
    for (const code of codes) {
      if (code < current) difference += 1;
      if (code !== current) continue;
      text += variableLength(difference, bias);
      bias = adapt(difference, done + 1, done === basic.length);
      difference = 0;
      done += 1;
    }
    difference += 1;
    previous = current;
  }
  return text;
}

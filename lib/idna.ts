// Internationalised host names by IDNA 2003 (RFC 3490, 3491), as Python's 'idna' codec does it.

import { UnicodeEncodeError } from './errors.js';
import { encodePunycode } from './punycode.js';

// The tables are RFC 3454's, by its names. Case folding and normalisation are those of the
// running JavaScript engine, whose Unicode is newer than the RFC's 3.2: a character that was
// assigned since may be folded here and kept as it is by Python.
const LABEL_SEPARATOR = /[.\u3002\uff0e\uff61]/;
const LONGEST_LABEL = 63;
const ACE_PREFIX = 'xn--';

// B.1: characters that are left out.
const NOTHING = /[\u034f\ufe00-\ufe0f\u180b-\u180d\xad\u1806\u200b-\u200d\u2060\ufeff]/u;

// C.1.2, C.2.2, C.3 to C.9: characters that no label may have.
const PROHIBITED =
  '[\\p{Co}\\p{Cs}\\p{Noncharacter_Code_Point}\\xa0\\u1680\\u2000-\\u200f\\u2028-\\u202f' +
  '\\u205f-\\u2063\\u206a-\\u206f\\u3000\\x80-\\x9f\\u06dd\\u070f\\u180e\\ufeff' +
  '\\ufff9-\\ufffd\\u{1d173}-\\u{1d17a}\\u2ff0-\\u2ffb\\u0340\\u0341\\u{e0001}' +
  '\\u{e0020}-\\u{e007f}]';

// D.1: characters that are written from right to left.
const RIGHT_TO_LEFT =
  '[\\u05be\\u05c0\\u05c3\\u05d0-\\u05ea\\u05f0-\\u05f4\\u061b\\u061f\\u0621-\\u063a' +
  '\\u0640-\\u064a\\u066d-\\u066f\\u0671-\\u06d5\\u06dd\\u06e5\\u06e6\\u06fa-\\u06fe' +
  '\\u0700-\\u070d\\u0710\\u0712-\\u072c\\u0780-\\u07a5\\u07b1\\u200f\\ufb1d' +
  '\\ufb1f-\\ufb28\\ufb2a-\\ufb36\\ufb38-\\ufb3c\\ufb3e\\ufb40\\ufb41\\ufb43\\ufb44' +
  '\\ufb46-\\ufbb1\\ufbd3-\\ufd3d\\ufd50-\\ufd8f\\ufd92-\\ufdc7\\ufdf0-\\ufdfc' +
  '\\ufe70-\\ufe74\\ufe76-\\ufefc]';

// D.2: the letters and spacing marks that are not in D.1, without a few of them, and with some
// digits, signs and symbols.
const LEFT_TO_RIGHT =
  '(?![\\u02b9\\u02ba\\u02c6-\\u02cf\\u02ec\\u1734\\u2132\\u302e\\u302f])[\\p{L}\\p{Nl}\\p{Mc}' +
  '\\u055a-\\u055f\\u0589\\u0964-\\u0970\\u09e6-\\u09ef\\u09f4-\\u09fa\\u0a66-\\u0a6f' +
  '\\u0ae6-\\u0aef\\u0b66-\\u0b70\\u0be7-\\u0bf2\\u0c66-\\u0c6f\\u0ce6-\\u0cef' +
  '\\u0d66-\\u0d6f\\u0df4\\u0e4f-\\u0e5b\\u0ed0-\\u0ed9\\u0f01-\\u0f0b\\u0f0d-\\u0f17' +
  '\\u0f1a-\\u0f34\\u0f36\\u0f38\\u0f85\\u0fbe-\\u0fc5\\u0fc7-\\u0fcc\\u0fcf' +
  '\\u1040-\\u104f\\u10fb\\u1361-\\u137c\\u166d-\\u166e\\u16eb-\\u16ed\\u1735-\\u1736' +
  '\\u17b4-\\u17b5\\u17d4-\\u17d6\\u17d8-\\u17da\\u17e0-\\u17e9\\u1810-\\u1819' +
  '\\u1885-\\u1886\\u200e\\u2336-\\u237a\\u2395\\u3190-\\u3191\\u327f' +
  '\\u{10320}-\\u{10323}\\u{1d000}-\\u{1d0f5}\\u{1d100}-\\u{1d126}' +
  '\\u{1d12a}-\\u{1d15d}\\u{1d16a}-\\u{1d16c}\\u{1d183}-\\u{1d184}' +
  '\\u{1d18c}-\\u{1d1a9}\\u{1d1ae}-\\u{1d1ba}\\u{1d1c1}-\\u{1d1dd}]';

/** The expression of a table; made when first used, because that takes half a millisecond. */
function matcher(table: string): RegExp {
  const known = matchers.get(table) ?? new RegExp(table, 'u');
  matchers.set(table, known);
  return known;
}

const matchers = new Map<string, RegExp>();

/** A label that cannot be encoded: where, counted from its beginning, and why. */
class LabelError extends Error {
  constructor(
    readonly start: number,
    readonly end: number,
    readonly reason: string,
  ) {
    super(reason);
  }
}

function isAscii(text: string): boolean {
  return !/\P{ASCII}/u.test(text);
}

/** RFC 3454's table B.3: full case folding of one character. */
function fold(character: string): string {
  if (character === '\u03c2') return '\u03c3';
  if (character === '\u0345') return '\u03b9';
  // Characters without a capital of their own (ß, ŉ, …) fold to that of their spelling.
  const upper = character.toUpperCase();
  return [...upper].length > 1 ? upper.toLowerCase() : character.toLowerCase();
}

/** RFC 3454's table B.2: folding that survives normalisation. */
function foldForNormalisation(character: string): string {
  const once = fold(character);
  const normal = once.normalize('NFKC');
  const twice = [...normal].map(fold).join('').normalize('NFKC');
  return normal === twice ? once : twice;
}

/** RFC 3491: the form in which two spellings of a label are the same. */
function prepare(label: string): string {
  let mapped = '';
  for (const character of label) {
    if (!NOTHING.test(character)) mapped += foldForNormalisation(character);
  }
  const prepared = mapped.normalize('NFKC');
  const prohibited = matcher(PROHIBITED).exec(prepared);
  if (prohibited) {
    const [character] = prohibited;
    const end = prohibited.index + character.length;
    throw new LabelError(
      prohibited.index,
      end,
      `Invalid character '${escapeCharacter(character)}'`,
    );
  }
  if (matcher(RIGHT_TO_LEFT).test(prepared)) requireOneDirection(prepared);
  return prepared;
}

/** RFC 3454, section 6. */
function requireOneDirection(label: string): void {
  const characters = [...label];
  let index = 0;
  for (const character of characters) {
    const end = index + character.length;
    if (matcher(LEFT_TO_RIGHT).test(character) && !matcher(RIGHT_TO_LEFT).test(character)) {
      throw new LabelError(index, end, 'Violation of BIDI requirement 2');
    }
    index = end;
  }
  const first = characters[0] as string;
  if (!matcher(RIGHT_TO_LEFT).test(first)) {
    throw new LabelError(0, first.length, 'Violation of BIDI requirement 3');
  }
  const last = characters.at(-1) as string;
  if (!matcher(RIGHT_TO_LEFT).test(last)) {
    throw new LabelError(
      label.length - last.length,
      label.length,
      'Violation of BIDI requirement 3',
    );
  }
}

function escapeCharacter(character: string): string {
  const code = character.codePointAt(0) as number;
  const hex = code.toString(16);
  if (!/[\p{C}\p{Z}]/u.test(character)) return character;
  if (code < 0x100) return `\\x${hex.padStart(2, '0')}`;
  return code < 0x10000 ? `\\u${hex.padStart(4, '0')}` : `\\U${hex.padStart(8, '0')}`;
}

function checkLength(label: string): string {
  if (label === '') throw new LabelError(0, 1, 'label empty');
  if (label.length > LONGEST_LABEL) throw new LabelError(0, label.length, 'label too long');
  return label;
}

/** RFC 3490's ToASCII. */
function encodeLabel(label: string): string {
  if (isAscii(label)) return checkLength(label);
  const prepared = prepare(label);
  if (isAscii(prepared)) return checkLength(prepared);
  if (prepared.toLowerCase().startsWith(ACE_PREFIX)) {
    throw new LabelError(0, ACE_PREFIX.length, 'Label starts with ACE prefix');
  }
  // Each character takes a digit at least; Punycode need not toil over hopeless lengths.
  if ([...prepared].length <= LONGEST_LABEL - ACE_PREFIX.length) {
    const encoded = ACE_PREFIX + encodePunycode(prepared);
    if (encoded.length <= LONGEST_LABEL) return encoded;
  }
  throw new LabelError(0, prepared.length, 'label too long');
}

/** An ASCII name stays as it is, but an empty label is found before one that is too long. */
function checkAscii(host: string): string {
  const labels = host.split('.');
  for (const fault of ['label empty', 'label too long']) {
    let start = 0;
    labels.forEach((label, index) => {
      const isLast = index === labels.length - 1;
      if (fault === 'label empty' && label === '' && !isLast) {
        throw new UnicodeEncodeError('idna', host, start, start + 1, fault);
      }
      if (fault === 'label too long' && label.length > LONGEST_LABEL) {
        throw new UnicodeEncodeError('idna', host, start, start + label.length, fault);
      }
      start += label.length + 1;
    });
  }
  return host;
}

/**
 * A host name in the form name servers know: `'bücher.example'` becomes
 * `'xn--bcher-kva.example'`. Like Python's `host.encode('idna')`, which `getaddrinfo` and its
 * relatives apply to every string.
 *
 * @throws UnicodeEncodeError if a label is empty, too long, or has forbidden characters
 */
export function idnaEncode(host: string): string {
  if (isAscii(host)) return checkAscii(host);
  const labels = host.split(LABEL_SEPARATOR);
  const isAbsolute = labels.at(-1) === '';
  if (isAbsolute) labels.pop();
  let offset = 0;
  const encoded = labels.map((label) => {
    try {
      return encodeLabel(label);
    } catch (error) {
      if (!(error instanceof LabelError)) throw error;
      const { start, end, reason } = error;
      throw new UnicodeEncodeError('idna', host, offset + start, offset + end, reason);
    } finally {
      offset += label.length + 1;
    }
  });
  return encoded.join('.') + (isAbsolute ? '.' : '');
}

/**
 * The host of a socket address: as it is when it is ASCII, else by {@link idnaEncode}.
 *
 * @throws TypeError if it cannot be encoded
 */
export function encodeHost(host: string): string {
  if (isAscii(host)) return host;
  try {
    return idnaEncode(host);
  } catch (error) {
    if (error instanceof UnicodeEncodeError) throw new TypeError('encoding of hostname failed');
    throw error;
  }
}

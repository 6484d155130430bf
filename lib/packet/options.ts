// The lists of options in headers of IPv4, TCP and IPv6, whose options are laid out alike: a type, a
// length and data.

import { ValueError } from '../errors.js';
import { toField, toRecord, UINT8_MAX } from '../fields.js';
import { pythonRepr } from '../repr.js';
import { PacketError } from './malformed.js';
import { toBuffer, toList } from './values.js';

/** An option that is not known here: its type and its data, without its length. */
export interface OtherOption {
  name: 'other';
  type: number;
  data: Buffer;
}

/** How options with a name are read and written. */
export interface OptionCodec<Option> {
  readonly name: string;
  readonly type: number;
  /** The option; undefined where the data has the wrong length. */
  decode(data: Buffer): Option | undefined;
  /** Its data. */
  encode(option: Record<string, unknown>, what: string): Buffer;
}

const END = 0;
const NO_OPERATION = 1;
const WORD = 4;

function isZero(bytes: Buffer): boolean {
  return bytes.every((byte) => byte === 0);
}

/**
 * The options in a part of a header of IPv4 or TCP (RFC 791, RFC 9293). Zeroes that merely fill the
 * last word are left out. An end of options with more behind it is an option of type 0, whose data
 * is the rest.
 */
export function parseOptions<Option>(
  bytes: Buffer,
  protocol: string,
  start: number,
  codecs: readonly OptionCodec<Option>[],
): (Option | OtherOption | { name: 'nop' })[] {
  const options: (Option | OtherOption | { name: 'nop' })[] = [];
  let at = 0;
  while (at < bytes.length) {
    const type = bytes[at] as number;
    if (type === END) {
      const rest = bytes.subarray(at);
      const isFilling = rest.length < WORD && isZero(rest);
      if (!isFilling) options.push({ name: 'other', type, data: rest.subarray(1) });
      break;
    }
    if (type === NO_OPERATION) {
      options.push({ name: 'nop' });
      at += 1;
      continue;
    }
    const length = bytes[at + 1];
    if (length === undefined || length < 2 || at + length > bytes.length) {
      const reason = `an option of type ${type} has no length that fits`;
      throw new PacketError(protocol, 'options', start + at, reason);
    }
    const data = bytes.subarray(at + 2, at + length);
    const known = codecs.find((codec) => codec.type === type)?.decode(data);
    options.push(known ?? { name: 'other', type, data });
    at += length;
  }
  return options;
}

/** A known option's type and data, or those of an `other` one. */
function contentOf<Option>(
  value: unknown,
  what: string,
  codecs: readonly OptionCodec<Option>[],
): [type: number, data: Buffer] {
  const option = toRecord(value, what);
  if (option.name === 'other') {
    const type = toField(option.type, `${what}.type`, UINT8_MAX);
    return [type, toBuffer(option.data ?? Buffer.alloc(0), `${what}.data`)];
  }
  const codec = codecs.find(({ name }) => name === option.name);
  if (codec === undefined)
    throw new ValueError(`${what}: no option is called ${pythonRepr(option.name)}`);
  return [codec.type, codec.encode(option, what)];
}

/** The bytes of options of IPv4 or TCP, filled up with zeroes to a whole word. */
export function buildOptions<Option>(
  value: unknown,
  protocol: string,
  most: number,
  codecs: readonly OptionCodec<Option>[],
): Buffer {
  const what = `${protocol}.options[]`;
  const parts = toList(value, `${protocol}.options`).map((option) => {
    if (toRecord(option, what).name === 'nop') return Buffer.of(NO_OPERATION);
    const [type, data] = contentOf(option, what, codecs);
    if (type === END) return Buffer.concat([Buffer.of(END), data]);
    const length = toField(data.length + 2, `${what} length`, UINT8_MAX);
    return Buffer.concat([Buffer.of(type, length), data]);
  });
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  const filled = Math.ceil(length / WORD) * WORD;
  if (filled > most) {
    throw new ValueError(`${protocol}.options: ${length} bytes are more than ${most}`);
  }
  return Buffer.concat(parts, filled);
}

/** An option of an IPv6 extension header: its type, whose upper bits say who may skip it. */
export interface Ipv6Option {
  type: number;
  data: Buffer;
}

const PAD1 = 0;
const PADN = 1;
const UNIT = 8;

/**
 * The options of an IPv6 extension header (RFC 8200, section 4.2). Padding at the end that fills the
 * last eight bytes is left out; any other is an option.
 */
export function parseIpv6Options(bytes: Buffer, start: number): Ipv6Option[] {
  const options: Ipv6Option[] = [];
  let at = 0;
  let last = 0;
  while (at < bytes.length) {
    last = at;
    const type = bytes[at] as number;
    if (type === PAD1) {
      options.push({ type, data: bytes.subarray(at, at) });
      at += 1;
      continue;
    }
    const length = bytes[at + 1];
    if (length === undefined || at + 2 + length > bytes.length) {
      const reason = `an option of type ${type} has no length that fits`;
      throw new PacketError('ipv6', 'extensions', start + at, reason);
    }
    options.push({ type, data: bytes.subarray(at + 2, at + 2 + length) });
    at += 2 + length;
  }
  const filling = options.at(-1);
  const isFilling =
    filling !== undefined &&
    at - last < UNIT &&
    (filling.type === PAD1 || filling.type === PADN) &&
    isZero(filling.data);
  if (isFilling) options.pop();
  return options;
}

/** The bytes of such options behind a header of two bytes, padded to a multiple of eight. */
export function buildIpv6Options(value: unknown): Buffer {
  const what = 'ipv6.extensions[].options';
  const parts = toList(value, what).map((item) => {
    const { type, data = Buffer.alloc(0) } = toRecord(item, `${what}[]`);
    const number = toField(type, `${what}[].type`, UINT8_MAX);
    const bytes = toBuffer(data, `${what}[].data`);
    if (number === PAD1) return Buffer.of(PAD1);
    const length = toField(bytes.length, `${what}[].data length`, UINT8_MAX);
    return Buffer.concat([Buffer.of(number, length), bytes]);
  });
  const length = parts.reduce((sum, part) => sum + part.length, 2);
  const missing = (UNIT - (length % UNIT)) % UNIT;
  if (missing === 1) parts.push(Buffer.of(PAD1));
  if (missing > 1) parts.push(Buffer.concat([Buffer.of(PADN, missing - 2)], missing));
  return Buffer.concat(parts);
}

// The extension headers of IPv6 (RFC 8200, section 4).

import { ValueError } from '../errors.js';
import { toField, toRecord, UINT8_MAX, UINT32_MAX } from '../fields.js';
import { pythonRepr } from '../repr.js';
import type { BytesLike } from '../socket/bytes.js';
import { PacketError, requireLength } from './malformed.js';
import { buildIpv6Options, type Ipv6Option, parseIpv6Options } from './options.js';
import { toBuffer, toList } from './values.js';

/** An extension header of IPv6; `other` is one whose content is not known here. */
export type Ipv6Extension =
  | { name: 'hopByHop' | 'destination'; options: Ipv6Option[] }
  | { name: 'routing'; routingType: number; segmentsLeft: number; data: Buffer }
  | { name: 'fragment'; offset: number; moreFragments: boolean; identification: number }
  | { name: 'other'; type: number; data: Buffer };

/** What an extension header is built from. */
export type Ipv6ExtensionInput =
  | {
      name: 'hopByHop' | 'destination';
      options?: readonly { type: number; data?: BytesLike }[];
    }
  | { name: 'routing'; routingType: number; segmentsLeft: number; data?: BytesLike }
  | { name: 'fragment'; offset?: number; moreFragments?: boolean; identification: number }
  | { name: 'other'; type: number; data: BytesLike };

const HOP_BY_HOP = 0;
const ROUTING = 43;
const FRAGMENT = 44;
const AUTHENTICATION = 51;
const DESTINATION = 60;
/** Mobility (RFC 6275), HIP (RFC 7401) and Shim6 (RFC 5533) are laid out as the others. */
const OTHERS: ReadonlySet<number> = new Set([AUTHENTICATION, 135, 139, 140]);

const UNIT = 8;
const MOST_OFFSET = 0x1fff * UNIT;

/** How long a header is, by the byte that says so. */
function lengthOf(type: number, count: number): number {
  if (type === FRAGMENT) return UNIT;
  // RFC 4302 counts words of four bytes, without the first two.
  return type === AUTHENTICATION ? (count + 2) * 4 : (count + 1) * UNIT;
}

function parseExtension(type: number, header: Buffer, start: number): Ipv6Extension {
  switch (type) {
    case HOP_BY_HOP:
      return { name: 'hopByHop', options: parseIpv6Options(header.subarray(2), start + 2) };
    case DESTINATION:
      return { name: 'destination', options: parseIpv6Options(header.subarray(2), start + 2) };
    case ROUTING:
      return {
        name: 'routing',
        routingType: header.readUInt8(2),
        segmentsLeft: header.readUInt8(3),
        data: header.subarray(4),
      };
    case FRAGMENT:
      return {
        name: 'fragment',
        offset: header.readUInt16BE(2) & MOST_OFFSET,
        moreFragments: (header.readUInt8(3) & 1) !== 0,
        identification: header.readUInt32BE(4),
      };
    default:
      return { name: 'other', type, data: header.subarray(2) };
  }
}

function isExtension(type: number): boolean {
  return [HOP_BY_HOP, ROUTING, FRAGMENT, DESTINATION].includes(type) || OTHERS.has(type);
}

/** The extension headers from an offset on, what follows them, and where that begins. */
export function parseExtensions(
  packet: Buffer,
  start: number,
  nextHeader: number,
): { extensions: Ipv6Extension[]; protocol: number; offset: number } {
  const extensions: Ipv6Extension[] = [];
  let protocol = nextHeader;
  let offset = start;
  while (isExtension(protocol)) {
    requireLength(packet, offset + UNIT, 'ipv6', 'extensions');
    const length = lengthOf(protocol, packet.readUInt8(offset + 1));
    if (offset + length > packet.length) {
      const reason = `a header of ${length} bytes goes beyond the packet`;
      throw new PacketError('ipv6', 'extensions', offset, reason);
    }
    const header = packet.subarray(offset, offset + length);
    const extension = parseExtension(protocol, header, offset);
    extensions.push(extension);
    protocol = header.readUInt8(0);
    offset += length;
    if (extension.name === 'fragment' && extension.offset > 0) break;
  }
  return { extensions, protocol, offset };
}

/** The type of an extension header, and its bytes without the first two. */
function contentOf(value: unknown): [type: number, content: Buffer] {
  const what = 'ipv6.extensions[]';
  const fields = toRecord(value, what);
  const data = () => toBuffer(fields.data ?? Buffer.alloc(0), `${what}.data`);
  switch (fields.name) {
    case 'hopByHop':
      return [HOP_BY_HOP, buildIpv6Options(fields.options)];
    case 'destination':
      return [DESTINATION, buildIpv6Options(fields.options)];
    case 'routing': {
      const routingType = toField(fields.routingType, `${what}.routingType`, UINT8_MAX);
      const segmentsLeft = toField(fields.segmentsLeft, `${what}.segmentsLeft`, UINT8_MAX);
      return [ROUTING, Buffer.concat([Buffer.of(routingType, segmentsLeft), data()])];
    }
    case 'fragment': {
      const { offset = 0, moreFragments = false } = fields;
      const number = toField(offset, `${what}.offset`, MOST_OFFSET);
      if (number % UNIT !== 0) {
        throw new ValueError(`${what}.offset must be a multiple of 8, not ${number}`);
      }
      const content = Buffer.alloc(6);
      content.writeUInt16BE(number | (moreFragments ? 1 : 0), 0);
      content.writeUInt32BE(
        toField(fields.identification, `${what}.identification`, UINT32_MAX),
        2,
      );
      return [FRAGMENT, content];
    }
    case 'other': {
      const type = toField(fields.type, `${what}.type`, UINT8_MAX);
      if (!OTHERS.has(type)) throw new ValueError(`${what}.type: ${type} is no extension header`);
      return [type, data()];
    }
    default:
      throw new ValueError(`${what}: no extension header is called ${pythonRepr(fields.name)}`);
  }
}

/** The byte that says how long a header with that content is. */
function lengthByte(type: number, content: Buffer): number {
  if (type === FRAGMENT) return 0;
  const length = content.length + 2;
  const unit = type === AUTHENTICATION ? 4 : UNIT;
  if (length % unit !== 0 || length < UNIT) {
    throw new ValueError(
      `ipv6.extensions[].data: a header of type ${type} with ${length} bytes is no multiple of ${unit}`,
    );
  }
  const count = type === AUTHENTICATION ? length / 4 - 2 : length / UNIT - 1;
  return toField(count, 'ipv6.extensions[] length', UINT8_MAX);
}

/** The type of the first extension header, and all their bytes; the last is before `protocol`. */
export function buildExtensions(
  value: unknown,
  protocol: number,
): [nextHeader: number, bytes: Buffer] {
  let next = protocol;
  const parts: Buffer[] = [];
  for (const item of [...toList(value, 'ipv6.extensions')].reverse()) {
    const [type, content] = contentOf(item);
    parts.unshift(Buffer.of(next, lengthByte(type, content)), content);
    next = type;
  }
  return [next, Buffer.concat(parts)];
}

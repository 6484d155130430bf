// The internet control message protocol of IPv6 (RFC 4443, RFC 4884) with neighbor discovery
// (RFC 4861).

import { toField, toRecord, UINT8_MAX, UINT16_MAX, UINT32_MAX } from '../fields.js';
import type { BytesLike } from '../socket/bytes.js';
import {
  type BuildOptions,
  inet_checksum,
  type ParseOptions,
  requireChecksum,
  requirePseudoHeader,
} from './checksum.js';
import { requireLength } from './malformed.js';
import {
  buildNeighborOptions,
  type NeighborOption,
  type NeighborOptionInput,
  parseNeighborOptions,
} from './neighbor-options.js';
import { type AddressLike, IPV6_BYTES, ipv6Text, toBuffer, toIpv6, toPayload } from './values.js';

export type { NeighborOption, NeighborOptionInput } from './neighbor-options.js';

/** Types of messages. */
export const DESTINATION_UNREACHABLE = 1;
export const PACKET_TOO_BIG = 2;
export const TIME_EXCEEDED = 3;
export const PARAMETER_PROBLEM = 4;
export const ECHO_REQUEST = 128;
export const ECHO_REPLY = 129;
export const ROUTER_SOLICITATION = 133;
export const ROUTER_ADVERTISEMENT = 134;
export const NEIGHBOR_SOLICITATION = 135;
export const NEIGHBOR_ADVERTISEMENT = 136;
export const REDIRECT = 137;

/** A message. Which of the optional fields there are follows from its type. */
export interface Icmpv6 {
  type: number;
  code: number;
  checksum: number;
  /** Of echo: which program asks. */
  identifier?: number;
  /** Of echo: the number of the question. */
  sequence?: number;
  /** Of a packet that is too big: the largest that goes on from there. */
  mtu?: number;
  /** Of a parameter problem: which byte is wrong. */
  pointer?: number;
  /** Of errors: how many units of eight bytes the quoted packet takes, if extensions follow it. */
  length?: number;
  /**
   * Of a router's advertisement: 0x80 for managed addresses, 0x40 for other configuration; of a
   * neighbor's: 0x80 for a router, 0x40 for an answer, 0x20 where it replaces what was known.
   */
  flags?: number;
  /** Of a router's advertisement: the hop limit for packets; 0 says nothing. */
  hopLimit?: number;
  /** Of a router's advertisement: how many seconds it is a default router. */
  lifetime?: number;
  /** Of a router's advertisement: how many milliseconds a neighbor counts as reachable. */
  reachableTime?: number;
  /** Of a router's advertisement: the milliseconds between solicitations. */
  retransmitTime?: number;
  /** Of neighbor solicitation, advertisement and redirect: the address in question. */
  target?: string;
  /** Of a redirect: the destination that is reached better through the target. */
  destination?: string;
  /** Of neighbor discovery: what else is told. */
  options?: NeighborOption[];
  /** Of any other type: the second word of the header. */
  rest?: number;
  /** What follows; of errors, the packet that caused it. Neighbor discovery has `options` instead. */
  payload: Buffer;
}

/** What a message is built from: fields that its type has not are ignored, others are 0. */
export type Icmpv6Input = Partial<
  Omit<Icmpv6, 'type' | 'checksum' | 'target' | 'destination' | 'options' | 'payload'>
> & {
  type: number;
  target?: AddressLike;
  destination?: AddressLike;
  options?: readonly NeighborOptionInput[];
  payload?: BytesLike;
};

const PROTOCOL = 58;
const HEADER_BYTES = 8;
const CHECKSUM_OFFSET = 2;

type NumberField =
  | 'identifier'
  | 'sequence'
  | 'mtu'
  | 'pointer'
  | 'length'
  | 'flags'
  | 'hopLimit'
  | 'lifetime'
  | 'reachableTime'
  | 'retransmitTime'
  | 'rest';
type Part =
  | readonly [field: NumberField, offset: number, bytes: 1 | 2 | 4]
  | readonly [field: 'target' | 'destination', offset: number, bytes: 'address'];

/** The fixed part of a type: its fields, where it ends, and whether options follow. */
interface Layout {
  readonly parts: readonly Part[];
  readonly end: number;
  readonly hasOptions: boolean;
}

function layout(parts: readonly Part[], end = HEADER_BYTES, hasOptions = false): Layout {
  return { parts, end, hasOptions };
}

const TARGET_END = HEADER_BYTES + IPV6_BYTES;
const ECHO = layout([
  ['identifier', 4, 2],
  ['sequence', 6, 2],
]);
const ERROR = layout([['length', 4, 1]]);
const OTHER = layout([['rest', 4, 4]]);

/** What the types have behind the checksum; bits that are to be ignored are not listed. */
const LAYOUTS: ReadonlyMap<number, Layout> = new Map<number, Layout>([
  [DESTINATION_UNREACHABLE, ERROR],
  [PACKET_TOO_BIG, layout([['mtu', 4, 4]])],
  [TIME_EXCEEDED, ERROR],
  [PARAMETER_PROBLEM, layout([['pointer', 4, 4]])],
  [ECHO_REQUEST, ECHO],
  [ECHO_REPLY, ECHO],
  [ROUTER_SOLICITATION, layout([], HEADER_BYTES, true)],
  [
    ROUTER_ADVERTISEMENT,
    layout(
      [
        ['hopLimit', 4, 1],
        ['flags', 5, 1],
        ['lifetime', 6, 2],
        ['reachableTime', 8, 4],
        ['retransmitTime', 12, 4],
      ],
      16,
      true,
    ),
  ],
  [NEIGHBOR_SOLICITATION, layout([['target', 8, 'address']], TARGET_END, true)],
  [
    NEIGHBOR_ADVERTISEMENT,
    layout(
      [
        ['flags', 4, 1],
        ['target', 8, 'address'],
      ],
      TARGET_END,
      true,
    ),
  ],
  [
    REDIRECT,
    layout(
      [
        ['target', 8, 'address'],
        ['destination', TARGET_END, 'address'],
      ],
      TARGET_END + IPV6_BYTES,
      true,
    ),
  ],
]);

const MOST = { 1: UINT8_MAX, 2: UINT16_MAX, 4: UINT32_MAX };

/**
 * Takes a message apart.
 *
 * @param options `verify` checks the checksum, for which it needs `network` and the whole message
 * @throws PacketError, a ValueError, if it is malformed
 */
export function parse(bytes: BytesLike, options: ParseOptions = {}): Icmpv6 {
  const packet = toBuffer(bytes, 'packet');
  toRecord(options, 'options');
  requireLength(packet, HEADER_BYTES, 'icmpv6');
  if (options.verify && !options.partial) {
    const pseudoHeader = requirePseudoHeader('icmpv6', options.network, PROTOCOL, packet.length);
    requireChecksum('icmpv6', CHECKSUM_OFFSET, packet, pseudoHeader);
  }
  const type = packet.readUInt8(0);
  const { parts, end, hasOptions } = LAYOUTS.get(type) ?? OTHER;
  const message: Icmpv6 = {
    type,
    code: packet.readUInt8(1),
    checksum: packet.readUInt16BE(CHECKSUM_OFFSET),
    payload: hasOptions ? packet.subarray(packet.length) : packet.subarray(end),
  };
  for (const [field, offset, size] of parts) {
    requireLength(packet, offset + (size === 'address' ? IPV6_BYTES : size), 'icmpv6', field);
    if (size === 'address') message[field] = ipv6Text(packet, offset);
    else message[field] = packet.readUIntBE(offset, size);
  }
  if (hasOptions) message.options = parseNeighborOptions(packet, end);
  return message;
}

/**
 * Puts a message together, with its checksum. A raw socket of IPv6 computes that itself, and then
 * `{ checksum: 0 }` spares telling the addresses; RFC 3542.
 *
 * @param header its fields
 * @param payload what follows; left out, `header.payload`
 * @param options `network`, which the checksum needs; `checksum` where it shall be another
 * @throws TypeError, ValueError or OverflowError for a field that cannot be used
 */
export function build(
  header: Icmpv6Input,
  payload?: BytesLike,
  options: Omit<BuildOptions, 'length'> = {},
): Buffer {
  const fields = toRecord(header, 'icmpv6');
  toRecord(options, 'options');
  const type = toField(fields.type, 'icmpv6.type', UINT8_MAX);
  const { parts, end, hasOptions } = LAYOUTS.get(type) ?? OTHER;
  const start = Buffer.alloc(end);
  start.writeUInt8(type, 0);
  start.writeUInt8(toField(fields.code ?? 0, 'icmpv6.code', UINT8_MAX), 1);
  for (const [field, offset, size] of parts) {
    const value = fields[field];
    if (value === undefined) continue;
    if (size === 'address') start.set(toIpv6(value, `icmpv6.${field}`), offset);
    else start.writeUIntBE(toField(value, `icmpv6.${field}`, MOST[size]), offset, size);
  }
  const neighborOptions = hasOptions ? buildNeighborOptions(fields.options) : [];
  const body = toPayload(payload ?? fields.payload, 'icmpv6');
  const packet = Buffer.concat([start, ...neighborOptions, body]);
  let { checksum } = options;
  if (checksum === undefined) {
    const pseudoHeader = requirePseudoHeader('icmpv6', options.network, PROTOCOL, packet.length);
    checksum = inet_checksum(packet, pseudoHeader);
  }
  packet.writeUInt16BE(toField(checksum, 'icmpv6.checksum', UINT16_MAX), CHECKSUM_OFFSET);
  return packet;
}

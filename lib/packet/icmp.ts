// The internet control message protocol (RFC 792, RFC 1191, RFC 4884).

import { toField, toRecord, UINT8_MAX, UINT16_MAX, UINT32_MAX } from '../fields.js';
import type { BytesLike } from '../socket/bytes.js';
import {
  type BuildOptions,
  inet_checksum,
  type ParseOptions,
  requireChecksum,
} from './checksum.js';
import { requireLength } from './malformed.js';
import { type AddressLike, ipv4Text, toBuffer, toIpv4, toPayload } from './values.js';

/** Types of messages. */
export const ECHO_REPLY = 0;
export const DESTINATION_UNREACHABLE = 3;
export const REDIRECT = 5;
export const ECHO_REQUEST = 8;
export const TIME_EXCEEDED = 11;
export const PARAMETER_PROBLEM = 12;
export const TIMESTAMP = 13;
export const TIMESTAMP_REPLY = 14;

/** A message. Which of the optional fields there are follows from its type. */
export interface Icmp {
  type: number;
  code: number;
  checksum: number;
  /** Of echo and timestamp: which program asks. */
  identifier?: number;
  /** Of echo and timestamp: the number of the question. */
  sequence?: number;
  /** Of a redirect: the better router. */
  gateway?: string;
  /** Of a parameter problem: which byte is wrong. */
  pointer?: number;
  /** Of errors: how many words of four bytes the quoted packet takes, if extensions follow it. */
  length?: number;
  /** Of an unreachable destination, code 4: the largest packet that goes on from there. */
  mtu?: number;
  /** Of any other type: the second word of the header. */
  rest?: number;
  /** What follows the header; of errors, the packet that caused it, of which the end may miss. */
  payload: Buffer;
}

/** What a message is built from: fields that its type has not are ignored, others are 0. */
export interface IcmpInput {
  type: number;
  code?: number;
  identifier?: number;
  sequence?: number;
  gateway?: AddressLike;
  pointer?: number;
  length?: number;
  mtu?: number;
  rest?: number;
  payload?: BytesLike;
}

const HEADER_BYTES = 8;
const CHECKSUM_OFFSET = 2;
const REST_OFFSET = 4;

/** A part of the header's second word. */
type Part = readonly [field: 'identifier' | 'sequence' | 'mtu', offset: number, bytes: 2];
type SmallPart = readonly [field: 'pointer' | 'length', offset: number, bytes: 1];
type WholePart = readonly [field: 'rest', offset: number, bytes: 4];
type AddressPart = readonly [field: 'gateway', offset: number, bytes: 'address'];
type Layout = readonly (Part | SmallPart | WholePart | AddressPart)[];

const QUESTION: Layout = [
  ['identifier', 4, 2],
  ['sequence', 6, 2],
];
const OTHER: Layout = [['rest', 4, 4]];

/** What the types have in the second word; bits that are to be ignored are not listed. */
const LAYOUTS: ReadonlyMap<number, Layout> = new Map<number, Layout>([
  ...[ECHO_REPLY, ECHO_REQUEST, TIMESTAMP, TIMESTAMP_REPLY, 15, 16, 17, 18].map(
    (type) => [type, QUESTION] as const,
  ),
  [
    DESTINATION_UNREACHABLE,
    [
      ['length', 5, 1],
      ['mtu', 6, 2],
    ],
  ],
  [REDIRECT, [['gateway', 4, 'address']]],
  [TIME_EXCEEDED, [['length', 5, 1]]],
  [
    PARAMETER_PROBLEM,
    [
      ['pointer', 4, 1],
      ['length', 5, 1],
    ],
  ],
]);

const MOST = { 1: UINT8_MAX, 2: UINT16_MAX, 4: UINT32_MAX };

/**
 * Takes a message apart.
 *
 * @param options `verify` checks the checksum, which covers the whole message
 * @throws PacketError, a ValueError, if it is malformed
 */
export function parse(
  bytes: BytesLike,
  options: Pick<ParseOptions, 'verify' | 'partial'> = {},
): Icmp {
  const packet = toBuffer(bytes, 'packet');
  toRecord(options, 'options');
  requireLength(packet, HEADER_BYTES, 'icmp');
  if (options.verify && !options.partial) requireChecksum('icmp', CHECKSUM_OFFSET, packet);
  const message: Icmp = {
    type: packet.readUInt8(0),
    code: packet.readUInt8(1),
    checksum: packet.readUInt16BE(CHECKSUM_OFFSET),
    payload: packet.subarray(HEADER_BYTES),
  };
  for (const [field, offset, size] of LAYOUTS.get(message.type) ?? OTHER) {
    if (size === 'address') message[field] = ipv4Text(packet, offset);
    else message[field] = packet.readUIntBE(offset, size);
  }
  return message;
}

/**
 * Puts a message together, with its checksum.
 *
 * @param header its fields
 * @param payload what follows; left out, `header.payload`
 * @param options `checksum` where it shall be wrong
 * @throws TypeError, ValueError or OverflowError for a field that cannot be used
 */
export function build(
  header: IcmpInput,
  payload?: BytesLike,
  options: Pick<BuildOptions, 'checksum'> = {},
): Buffer {
  const fields = toRecord(header, 'icmp');
  toRecord(options, 'options');
  const body = toPayload(payload ?? fields.payload, 'icmp');
  const packet = Buffer.alloc(HEADER_BYTES + body.length);
  const type = toField(fields.type, 'icmp.type', UINT8_MAX);
  packet.writeUInt8(type, 0);
  packet.writeUInt8(toField(fields.code ?? 0, 'icmp.code', UINT8_MAX), 1);
  for (const [field, offset, size] of LAYOUTS.get(type) ?? OTHER) {
    const value = fields[field];
    if (value === undefined) continue;
    if (size === 'address') packet.set(toIpv4(value, 'icmp.gateway'), REST_OFFSET);
    else packet.writeUIntBE(toField(value, `icmp.${field}`, MOST[size]), offset, size);
  }
  packet.set(body, HEADER_BYTES);
  const checksum = options.checksum ?? inet_checksum(packet);
  packet.writeUInt16BE(toField(checksum, 'icmp.checksum', UINT16_MAX), CHECKSUM_OFFSET);
  return packet;
}

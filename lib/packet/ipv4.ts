// The internet protocol, version 4 (RFC 791, RFC 2474, RFC 3168).

import { ValueError } from '../errors.js';
import { toField, toRecord, UINT8_MAX, UINT16_MAX } from '../fields.js';
import type { BytesLike } from '../socket/bytes.js';
import {
  type BuildOptions,
  inet_checksum,
  type ParseOptions,
  requireChecksum,
} from './checksum.js';
import { IPV4_OPTIONS, type Ipv4Option, type Ipv4OptionInput } from './ipv4-options.js';
import { PacketError, requireLength } from './malformed.js';
import { buildOptions, parseOptions } from './options.js';
import { type AddressLike, ipv4Text, toBuffer, toIpv4, toPayload } from './values.js';

export type { Ipv4Option, Ipv4OptionInput } from './ipv4-options.js';

/** The bit of `flags` for more fragments. */
export const MF = 1;
/** The bit of `flags` that forbids fragments. */
export const DF = 2;

/** A packet of IPv4. */
export interface Ipv4 {
  /** The service class, 0 to 63. */
  dscp: number;
  /** The congestion bits, 0 to 3. */
  ecn: number;
  /** How long header and payload say they are. */
  totalLength: number;
  /** What the fragments of one packet have in common. */
  identification: number;
  /** {@link DF}, {@link MF}, and 4 for the reserved bit. */
  flags: number;
  /** Where the payload belongs in the whole packet's, in bytes. */
  fragmentOffset: number;
  /** How many routers the packet may still pass. */
  ttl: number;
  /** What the payload is, an `IPPROTO_` constant. */
  protocol: number;
  /** The checksum of the header. */
  checksum: number;
  source: string;
  destination: string;
  options: Ipv4Option[];
  payload: Buffer;
}

/** What a packet is built from: `ttl` is 64 and the rest 0 unless it is given. */
export interface Ipv4Input {
  dscp?: number;
  ecn?: number;
  identification?: number;
  flags?: number;
  fragmentOffset?: number;
  ttl?: number;
  protocol: number;
  source: AddressLike;
  destination: AddressLike;
  options?: readonly Ipv4OptionInput[];
  payload?: BytesLike;
}

const HEADER_BYTES = 20;
const MOST_OPTION_BYTES = 40;
const CHECKSUM_OFFSET = 10;
const WORD = 4;
const FRAGMENT_UNIT = 8;
const OFFSET_MASK = 0x1fff;

/**
 * Takes a packet apart, as raw sockets of IPv4 give it; raw(7). What follows the packet, such as the
 * padding of its frame, is left out.
 *
 * @param options `verify` checks the header's checksum; `partial` takes a payload that was cut
 * @throws PacketError, a ValueError, if it is malformed
 */
export function parse(bytes: BytesLike, options: ParseOptions = {}): Ipv4 {
  const packet = toBuffer(bytes, 'packet');
  toRecord(options, 'options');
  requireLength(packet, HEADER_BYTES, 'ipv4');
  const first = packet.readUInt8(0);
  const malformed = (field: string, offset: number, reason: string) =>
    new PacketError('ipv4', field, offset, reason);
  if (first >> 4 !== 4) throw malformed('version', 0, `${first >> 4} is not 4`);
  const headerLength = (first & 0xf) * WORD;
  if (headerLength < HEADER_BYTES) {
    throw malformed('headerLength', 0, `${headerLength} is less than ${HEADER_BYTES}`);
  }
  requireLength(packet, headerLength, 'ipv4', 'options');
  const totalLength = packet.readUInt16BE(2);
  if (totalLength < headerLength) {
    throw malformed('totalLength', 2, `${totalLength} is less than a header of ${headerLength}`);
  }
  if (totalLength > packet.length && !options.partial) {
    throw malformed('totalLength', 2, `${totalLength} is more than the ${packet.length} bytes`);
  }
  const header = packet.subarray(0, headerLength);
  if (options.verify) requireChecksum('ipv4', CHECKSUM_OFFSET, header);
  const fragment = packet.readUInt16BE(6);
  const service = packet.readUInt8(1);
  return {
    dscp: service >> 2,
    ecn: service & 3,
    totalLength,
    identification: packet.readUInt16BE(4),
    flags: fragment >> 13,
    fragmentOffset: (fragment & OFFSET_MASK) * FRAGMENT_UNIT,
    ttl: packet.readUInt8(8),
    protocol: packet.readUInt8(9),
    checksum: packet.readUInt16BE(CHECKSUM_OFFSET),
    source: ipv4Text(packet, 12),
    destination: ipv4Text(packet, 16),
    options: parseOptions(
      header.subarray(HEADER_BYTES),
      'ipv4',
      HEADER_BYTES,
      IPV4_OPTIONS,
    ) as Ipv4Option[],
    payload: packet.subarray(headerLength, totalLength),
  };
}

/**
 * Puts a packet together, with its length and its checksum.
 *
 * @param header its fields
 * @param payload what it carries; left out, `header.payload`
 * @param options `length` (of header and payload) and `checksum` where they shall be wrong
 * @throws TypeError, ValueError or OverflowError for a field that cannot be used
 */
export function build(
  header: Ipv4Input,
  payload?: BytesLike,
  options: Pick<BuildOptions, 'length' | 'checksum'> = {},
): Buffer {
  const fields = toRecord(header, 'ipv4');
  toRecord(options, 'options');
  const { dscp = 0, ecn = 0, identification = 0, flags = 0, fragmentOffset = 0, ttl = 64 } = fields;
  const body = toPayload(payload ?? fields.payload, 'ipv4');
  const optionBytes = buildOptions(fields.options, 'ipv4', MOST_OPTION_BYTES, IPV4_OPTIONS);
  const headerLength = HEADER_BYTES + optionBytes.length;
  const packet = Buffer.alloc(headerLength + body.length);
  const offset = toField(fragmentOffset, 'ipv4.fragmentOffset', OFFSET_MASK * FRAGMENT_UNIT);
  if (offset % FRAGMENT_UNIT !== 0) {
    throw new ValueError(`ipv4.fragmentOffset must be a multiple of 8, not ${offset}`);
  }
  const length = toField(options.length ?? packet.length, 'ipv4.totalLength', UINT16_MAX);
  packet.writeUInt8(0x40 | (headerLength / WORD), 0);
  packet.writeUInt8((toField(dscp, 'ipv4.dscp', 63) << 2) | toField(ecn, 'ipv4.ecn', 3), 1);
  packet.writeUInt16BE(length, 2);
  packet.writeUInt16BE(toField(identification, 'ipv4.identification', UINT16_MAX), 4);
  packet.writeUInt16BE((toField(flags, 'ipv4.flags', 7) << 13) | (offset / FRAGMENT_UNIT), 6);
  packet.writeUInt8(toField(ttl, 'ipv4.ttl', UINT8_MAX), 8);
  packet.writeUInt8(toField(fields.protocol, 'ipv4.protocol', UINT8_MAX), 9);
  packet.set(toIpv4(fields.source, 'ipv4.source'), 12);
  packet.set(toIpv4(fields.destination, 'ipv4.destination'), 16);
  packet.set(optionBytes, HEADER_BYTES);
  packet.set(body, headerLength);
  const checksum = options.checksum ?? inet_checksum(packet.subarray(0, headerLength));
  packet.writeUInt16BE(toField(checksum, 'ipv4.checksum', UINT16_MAX), CHECKSUM_OFFSET);
  return packet;
}

// The user datagram protocol (RFC 768).

import { toField, toRecord, UINT16_MAX } from '../fields.js';
import type { BytesLike } from '../socket/bytes.js';
import {
  type BuildOptions,
  inet_checksum,
  type ParseOptions,
  requireChecksum,
  requirePseudoHeader,
} from './checksum.js';
import { PacketError, requireLength } from './malformed.js';
import { toBuffer, toPayload } from './values.js';

/** A datagram. */
export interface Udp {
  sourcePort: number;
  destinationPort: number;
  /** How long header and payload say they are. */
  length: number;
  /** The checksum; 0 is none. */
  checksum: number;
  payload: Buffer;
}

/** What a datagram is built from. */
export interface UdpInput {
  sourcePort: number;
  destinationPort: number;
  payload?: BytesLike;
}

const PROTOCOL = 17;
const HEADER_BYTES = 8;
const CHECKSUM_OFFSET = 6;
const IPV4_PSEUDO_BYTES = 12;
/** Computed as 0, which stands for none, a checksum is sent as the other zero. */
const OTHER_ZERO = 0xffff;

/**
 * Takes a datagram apart; what follows it is left out.
 *
 * @param options `verify` checks the checksum, for which it needs `network`; `partial` takes a
 *   payload that was cut, whose checksum is not checked
 * @throws PacketError, a ValueError, if it is malformed
 */
export function parse(bytes: BytesLike, options: ParseOptions = {}): Udp {
  const packet = toBuffer(bytes, 'packet');
  toRecord(options, 'options');
  requireLength(packet, HEADER_BYTES, 'udp');
  const length = packet.readUInt16BE(4);
  if (length < HEADER_BYTES) {
    throw new PacketError('udp', 'length', 4, `${length} is less than a header of ${HEADER_BYTES}`);
  }
  const isCut = length > packet.length;
  if (isCut && !options.partial) {
    throw new PacketError('udp', 'length', 4, `${length} is more than the ${packet.length} bytes`);
  }
  const checksum = packet.readUInt16BE(CHECKSUM_OFFSET);
  if (options.verify && !isCut) {
    const pseudoHeader = requirePseudoHeader('udp', options.network, PROTOCOL, length);
    // Only IPv4 allows a datagram without one (RFC 8200, section 8.1).
    const isNone = checksum === 0 && pseudoHeader.length === IPV4_PSEUDO_BYTES;
    const whole = packet.subarray(0, length);
    if (!isNone) requireChecksum('udp', CHECKSUM_OFFSET, whole, pseudoHeader);
  }
  return {
    sourcePort: packet.readUInt16BE(0),
    destinationPort: packet.readUInt16BE(2),
    length,
    checksum,
    payload: packet.subarray(HEADER_BYTES, length),
  };
}

/**
 * Puts a datagram together, with its length and its checksum.
 *
 * @param header its fields
 * @param payload what it carries; left out, `header.payload`
 * @param options `network`, which the checksum needs, or a `checksum` of 0 for none; `length` and
 *   `checksum` where they shall be wrong
 * @throws TypeError, ValueError or OverflowError for a field that cannot be used
 */
export function build(header: UdpInput, payload?: BytesLike, options: BuildOptions = {}): Buffer {
  const fields = toRecord(header, 'udp');
  toRecord(options, 'options');
  const body = toPayload(payload ?? fields.payload, 'udp');
  const packet = Buffer.alloc(HEADER_BYTES + body.length);
  const length = toField(options.length ?? packet.length, 'udp.length', UINT16_MAX);
  packet.writeUInt16BE(toField(fields.sourcePort, 'udp.sourcePort', UINT16_MAX), 0);
  packet.writeUInt16BE(toField(fields.destinationPort, 'udp.destinationPort', UINT16_MAX), 2);
  packet.writeUInt16BE(length, 4);
  packet.set(body, HEADER_BYTES);
  let { checksum } = options;
  if (checksum === undefined) {
    const pseudoHeader = requirePseudoHeader('udp', options.network, PROTOCOL, packet.length);
    checksum = inet_checksum(packet, pseudoHeader) || OTHER_ZERO;
  }
  packet.writeUInt16BE(toField(checksum, 'udp.checksum', UINT16_MAX), CHECKSUM_OFFSET);
  return packet;
}

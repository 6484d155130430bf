// The transmission control protocol (RFC 9293).

import { toField, toRecord, UINT16_MAX, UINT32_MAX } from '../fields.js';
import type { BytesLike } from '../socket/bytes.js';
import {
  type BuildOptions,
  inet_checksum,
  type ParseOptions,
  requireChecksum,
  requirePseudoHeader,
} from './checksum.js';
import { PacketError, requireLength } from './malformed.js';
import { buildOptions, parseOptions } from './options.js';
import { TCP_OPTIONS, type TcpOption, type TcpOptionInput } from './tcp-options.js';
import { toBuffer, toPayload } from './values.js';

export type { SackBlock, TcpOption, TcpOptionInput } from './tcp-options.js';

/** Bits of `flags`: no more data from the sender. */
export const FIN = 0x001;
/** The sequence numbers begin here. */
export const SYN = 0x002;
/** There is no such connection. */
export const RST = 0x004;
/** Give the data to the program now. */
export const PSH = 0x008;
/** `acknowledgment` counts. */
export const ACK = 0x010;
/** `urgentPointer` counts. */
export const URG = 0x020;
/** The receiver met congestion (RFC 3168). */
export const ECE = 0x040;
/** The sender has slowed down (RFC 3168). */
export const CWR = 0x080;
/** Accurate congestion notification (RFC 9768), once the nonce of RFC 3540. */
export const AE = 0x100;

const FLAG_NAMES = ['FIN', 'SYN', 'RST', 'PSH', 'ACK', 'URG', 'ECE', 'CWR', 'AE'];

/** The names of the bits in `flags`: `['SYN', 'ACK']`. */
export function flagNames(flags: number): string[] {
  const bits = toField(flags, 'tcp.flags', FLAGS_MASK);
  return FLAG_NAMES.filter((_, index) => (bits & (1 << index)) !== 0);
}

/** A segment. */
export interface Tcp {
  sourcePort: number;
  destinationPort: number;
  /** The number of the first byte of the payload. */
  sequence: number;
  /** The number of the byte that is expected next. */
  acknowledgment: number;
  /** {@link SYN}, {@link ACK} and so on, with the reserved bits above them. */
  flags: number;
  /** How many bytes may come, to be shifted by the connection's window scale. */
  window: number;
  checksum: number;
  /** Where urgent data ends, counted from `sequence`. */
  urgentPointer: number;
  options: TcpOption[];
  payload: Buffer;
}

/** What a segment is built from: fields are 0 unless they are given. */
export interface TcpInput {
  sourcePort: number;
  destinationPort: number;
  sequence?: number;
  acknowledgment?: number;
  flags?: number;
  window?: number;
  urgentPointer?: number;
  options?: readonly TcpOptionInput[];
  payload?: BytesLike;
}

const PROTOCOL = 6;
const HEADER_BYTES = 20;
const MOST_OPTION_BYTES = 40;
const CHECKSUM_OFFSET = 16;
const WORD = 4;
const FLAGS_MASK = 0xfff;

/**
 * Takes a segment apart.
 *
 * @param options `verify` checks the checksum, for which it needs `network` and the whole segment
 * @throws PacketError, a ValueError, if it is malformed
 */
export function parse(bytes: BytesLike, options: ParseOptions = {}): Tcp {
  const packet = toBuffer(bytes, 'packet');
  toRecord(options, 'options');
  requireLength(packet, HEADER_BYTES, 'tcp');
  const word = packet.readUInt16BE(12);
  const headerLength = (word >> 12) * WORD;
  if (headerLength < HEADER_BYTES) {
    const reason = `${headerLength} is less than ${HEADER_BYTES}`;
    throw new PacketError('tcp', 'headerLength', 12, reason);
  }
  requireLength(packet, headerLength, 'tcp', 'options');
  // TCP does not know its own length: what was cut shows in the layer below only.
  if (options.verify && !options.partial) {
    const pseudoHeader = requirePseudoHeader('tcp', options.network, PROTOCOL, packet.length);
    requireChecksum('tcp', CHECKSUM_OFFSET, packet, pseudoHeader);
  }
  return {
    sourcePort: packet.readUInt16BE(0),
    destinationPort: packet.readUInt16BE(2),
    sequence: packet.readUInt32BE(4),
    acknowledgment: packet.readUInt32BE(8),
    flags: word & FLAGS_MASK,
    window: packet.readUInt16BE(14),
    checksum: packet.readUInt16BE(CHECKSUM_OFFSET),
    urgentPointer: packet.readUInt16BE(18),
    options: parseOptions(
      packet.subarray(HEADER_BYTES, headerLength),
      'tcp',
      HEADER_BYTES,
      TCP_OPTIONS,
    ) as TcpOption[],
    payload: packet.subarray(headerLength),
  };
}

/**
 * Puts a segment together, with its checksum.
 *
 * @param header its fields
 * @param payload what it carries; left out, `header.payload`
 * @param options `network`, which the checksum needs; `checksum` where it shall be wrong
 * @throws TypeError, ValueError or OverflowError for a field that cannot be used
 */
export function build(
  header: TcpInput,
  payload?: BytesLike,
  options: Omit<BuildOptions, 'length'> = {},
): Buffer {
  const fields = toRecord(header, 'tcp');
  toRecord(options, 'options');
  const { sequence = 0, acknowledgment = 0, flags = 0, window = 0, urgentPointer = 0 } = fields;
  const body = toPayload(payload ?? fields.payload, 'tcp');
  const optionBytes = buildOptions(fields.options, 'tcp', MOST_OPTION_BYTES, TCP_OPTIONS);
  const headerLength = HEADER_BYTES + optionBytes.length;
  const packet = Buffer.alloc(headerLength + body.length);
  packet.writeUInt16BE(toField(fields.sourcePort, 'tcp.sourcePort', UINT16_MAX), 0);
  packet.writeUInt16BE(toField(fields.destinationPort, 'tcp.destinationPort', UINT16_MAX), 2);
  packet.writeUInt32BE(toField(sequence, 'tcp.sequence', UINT32_MAX), 4);
  packet.writeUInt32BE(toField(acknowledgment, 'tcp.acknowledgment', UINT32_MAX), 8);
  const bits = toField(flags, 'tcp.flags', FLAGS_MASK);
  packet.writeUInt16BE(((headerLength / WORD) << 12) | bits, 12);
  packet.writeUInt16BE(toField(window, 'tcp.window', UINT16_MAX), 14);
  packet.writeUInt16BE(toField(urgentPointer, 'tcp.urgentPointer', UINT16_MAX), 18);
  packet.set(optionBytes, HEADER_BYTES);
  packet.set(body, headerLength);
  let { checksum } = options;
  if (checksum === undefined) {
    const pseudoHeader = requirePseudoHeader('tcp', options.network, PROTOCOL, packet.length);
    checksum = inet_checksum(packet, pseudoHeader);
  }
  packet.writeUInt16BE(toField(checksum, 'tcp.checksum', UINT16_MAX), CHECKSUM_OFFSET);
  return packet;
}

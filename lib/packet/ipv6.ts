// The internet protocol, version 6 (RFC 8200), with its extension headers.

import { toField, toRecord, UINT8_MAX, UINT16_MAX } from '../fields.js';
import type { BytesLike } from '../socket/bytes.js';
import type { BuildOptions, ParseOptions } from './checksum.js';
import {
  buildExtensions,
  type Ipv6Extension,
  type Ipv6ExtensionInput,
  parseExtensions,
} from './ipv6-extensions.js';
import { PacketError, requireLength } from './malformed.js';
import { type AddressLike, IPV6_BYTES, ipv6Text, toBuffer, toIpv6, toPayload } from './values.js';

export type { Ipv6Extension, Ipv6ExtensionInput } from './ipv6-extensions.js';
export type { Ipv6Option } from './options.js';

/** A packet of IPv6. */
export interface Ipv6 {
  /** The service class, 0 to 63. */
  dscp: number;
  /** The congestion bits, 0 to 3. */
  ecn: number;
  /** What the packets of one flow have in common, of 20 bits. */
  flowLabel: number;
  /** How long extension headers and payload say they are. */
  payloadLength: number;
  /** How many routers the packet may still pass. */
  hopLimit: number;
  source: string;
  destination: string;
  /** The extension headers in their order. */
  extensions: Ipv6Extension[];
  /** What the payload is, an `IPPROTO_` constant. */
  protocol: number;
  /** What follows the extension headers. */
  payload: Buffer;
}

/** What a packet is built from: `hopLimit` is 64 and the rest 0 unless it is given. */
export interface Ipv6Input {
  dscp?: number;
  ecn?: number;
  flowLabel?: number;
  hopLimit?: number;
  source: AddressLike;
  destination: AddressLike;
  extensions?: readonly Ipv6ExtensionInput[];
  protocol: number;
  payload?: BytesLike;
}

const HEADER_BYTES = 40;
const NEXT_HEADER_OFFSET = 6;
const SOURCE_OFFSET = 8;
const FLOW_MASK = 0xf_ffff;

/**
 * Takes a packet apart. What follows it, such as the padding of its frame, is left out.
 *
 * Extension headers are read up to a fragment header that does not begin its packet: what follows
 * that one is a piece of something. IPv6 has no checksum of its own.
 *
 * @param options `partial` takes a payload that was cut
 * @throws PacketError, a ValueError, if it is malformed
 */
export function parse(bytes: BytesLike, options: Pick<ParseOptions, 'partial'> = {}): Ipv6 {
  const packet = toBuffer(bytes, 'packet');
  toRecord(options, 'options');
  requireLength(packet, HEADER_BYTES, 'ipv6');
  const first = packet.readUInt32BE(0);
  const version = first >>> 28;
  if (version !== 6) throw new PacketError('ipv6', 'version', 0, `${version} is not 6`);
  const payloadLength = packet.readUInt16BE(4);
  const end = HEADER_BYTES + payloadLength;
  if (end > packet.length && !options.partial) {
    const reason = `${payloadLength} is more than the ${packet.length - HEADER_BYTES} bytes`;
    throw new PacketError('ipv6', 'payloadLength', 4, reason);
  }
  const nextHeader = packet.readUInt8(NEXT_HEADER_OFFSET);
  const whole = packet.subarray(0, end);
  const { extensions, protocol, offset } = parseExtensions(whole, HEADER_BYTES, nextHeader);
  return {
    dscp: (first >>> 22) & 0x3f,
    ecn: (first >>> 20) & 3,
    flowLabel: first & FLOW_MASK,
    payloadLength,
    hopLimit: packet.readUInt8(7),
    source: ipv6Text(packet, SOURCE_OFFSET),
    destination: ipv6Text(packet, SOURCE_OFFSET + IPV6_BYTES),
    extensions,
    protocol,
    payload: whole.subarray(offset),
  };
}

/**
 * Puts a packet together, with its length.
 *
 * @param header its fields
 * @param payload what it carries; left out, `header.payload`
 * @param options `length` (of extension headers and payload) where it shall be wrong
 * @throws TypeError, ValueError or OverflowError for a field that cannot be used
 */
export function build(
  header: Ipv6Input,
  payload?: BytesLike,
  options: Pick<BuildOptions, 'length'> = {},
): Buffer {
  const fields = toRecord(header, 'ipv6');
  toRecord(options, 'options');
  const { dscp = 0, ecn = 0, flowLabel = 0, hopLimit = 64 } = fields;
  const body = toPayload(payload ?? fields.payload, 'ipv6');
  const protocol = toField(fields.protocol, 'ipv6.protocol', UINT8_MAX);
  const [nextHeader, extensions] = buildExtensions(fields.extensions, protocol);
  const start = Buffer.alloc(HEADER_BYTES);
  const service = (toField(dscp, 'ipv6.dscp', 63) << 2) | toField(ecn, 'ipv6.ecn', 3);
  const flow = toField(flowLabel, 'ipv6.flowLabel', FLOW_MASK);
  const length = options.length ?? extensions.length + body.length;
  start.writeUInt32BE(0x6000_0000 + service * 0x10_0000 + flow, 0);
  start.writeUInt16BE(toField(length, 'ipv6.payloadLength', UINT16_MAX), 4);
  start.writeUInt8(nextHeader, NEXT_HEADER_OFFSET);
  start.writeUInt8(toField(hopLimit, 'ipv6.hopLimit', UINT8_MAX), 7);
  start.set(toIpv6(fields.source, 'ipv6.source'), SOURCE_OFFSET);
  start.set(toIpv6(fields.destination, 'ipv6.destination'), SOURCE_OFFSET + IPV6_BYTES);
  return Buffer.concat([start, extensions, body]);
}

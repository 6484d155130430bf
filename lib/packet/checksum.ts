// The Internet's checksum (RFC 1071) and the pseudo-headers that it covers.

import { ValueError } from '../errors.js';
import { toField, UINT8_MAX, UINT16_MAX, UINT32_MAX } from '../fields.js';
import { native } from '../native.js';
import { type BytesLike, toBytes } from '../socket/bytes.js';
import { PacketError } from './malformed.js';
import { type AddressLike, IPV4_BYTES, toIp } from './values.js';

/** The two addresses of the network layer, such as the header of IPv4 or IPv6 has them. */
export interface Network {
  source: AddressLike;
  destination: AddressLike;
}

/** How packets are parsed. */
export interface ParseOptions {
  /** Whether the checksum is checked, as far as all the bytes that it covers are there. */
  verify?: boolean;
  /**
   * Whether the payload may end before the length field says: in what a sniffer cut, and in the
   * packet that an ICMP error quotes.
   */
  partial?: boolean;
  /** The addresses that the checksum of UDP, TCP and ICMPv6 covers, too. */
  network?: Network;
}

/** What is not computed when a packet is built. */
export interface BuildOptions {
  /** The checksum, which may be a wrong one; 0 is none in UDP. */
  checksum?: number;
  /** The length field, which may be a wrong one. */
  length?: number;
  /** The addresses that the checksum of UDP, TCP and ICMPv6 covers. */
  network?: Network;
}

/**
 * The Internet's checksum of bytes: 0 for bytes that contain their own, right checksum. RFC 1071.
 *
 * @param data the bytes that it covers; an odd last one counts as if a zero followed
 * @param pseudo_header bytes that it covers, too, see {@link pseudo_header}
 * @returns a number of 16 bits, to be stored with its high byte first
 */
export function inet_checksum(data: BytesLike, pseudo_header?: BytesLike): number {
  // What is complemented once more is the sum itself.
  const initial =
    pseudo_header === undefined ? 0 : ~native.checksum(toBytes(pseudo_header), 0) & UINT16_MAX;
  return native.checksum(toBytes(data), initial);
}

const IPV4_PSEUDO_BYTES = 12;
const IPV6_PSEUDO_BYTES = 40;

/**
 * The pseudo-header that checksums of UDP, TCP and ICMPv6 cover: 12 bytes for IPv4 (RFC 768,
 * RFC 9293), 40 for IPv6 (RFC 8200, section 8.1).
 *
 * @param source an address of IPv4 or IPv6
 * @param destination one of the same kind; behind an IPv6 routing header, the last of the route
 * @param protocol the protocol's number, an `IPPROTO_` constant
 * @param length how many bytes the protocol's header and payload have
 * @throws ValueError if the addresses are none, or of two kinds
 */
export function pseudo_header(
  source: AddressLike,
  destination: AddressLike,
  protocol: number,
  length: number,
): Buffer {
  const from = toIp(source, 'source');
  const to = toIp(destination, 'destination');
  if (from.length !== to.length) throw new ValueError('one address is of IPv4, one of IPv6');
  const number = toField(protocol, 'protocol', UINT8_MAX);
  if (from.length === IPV4_BYTES) {
    const header = Buffer.alloc(IPV4_PSEUDO_BYTES);
    header.set(from, 0);
    header.set(to, IPV4_BYTES);
    header.writeUInt8(number, 9);
    header.writeUInt16BE(toField(length, 'length', UINT16_MAX), 10);
    return header;
  }
  const header = Buffer.alloc(IPV6_PSEUDO_BYTES);
  header.set(from, 0);
  header.set(to, 16);
  header.writeUInt32BE(toField(length, 'length', UINT32_MAX), 32);
  header.writeUInt8(number, 39);
  return header;
}

/** The pseudo-header of a packet that is built or checked; undefined where nobody told addresses. */
export function pseudoHeaderOf(
  network: Network | undefined,
  protocol: number,
  length: number,
): Buffer | undefined {
  return network && pseudo_header(network.source, network.destination, protocol, length);
}

/** Refuses bytes whose checksum, which they contain at `offset`, is wrong. */
export function requireChecksum(
  protocol: string,
  offset: number,
  bytes: Buffer,
  pseudoHeader?: Buffer,
): void {
  if (inet_checksum(bytes, pseudoHeader) === 0) return;
  const given = bytes.readUInt16BE(offset);
  const copy = Buffer.from(bytes);
  copy.writeUInt16BE(0, offset);
  const right = inet_checksum(copy, pseudoHeader);
  const hex = (number: number) => `0x${number.toString(16).padStart(4, '0')}`;
  throw new PacketError(protocol, 'checksum', offset, `${hex(given)} should be ${hex(right)}`);
}

/** The pseudo-header for checking a checksum, which cannot be done without addresses. */
export function requirePseudoHeader(
  name: string,
  network: Network | undefined,
  protocol: number,
  length: number,
): Buffer {
  const header = pseudoHeaderOf(network, protocol, length);
  if (header !== undefined) return header;
  throw new ValueError(
    `${name}.checksum covers addresses: pass { network: { source, destination } }`,
  );
}

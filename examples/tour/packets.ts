// The headers of IPv4 (RFC 791) and of ICMP echo messages (RFC 792): built and taken apart.

import { ICMP_ECHO, inet_ntoa } from 'berkeley-sockets';

/** What an IPv4 header says. */
export interface IpHeader {
  version: number;
  /** In bytes: 20, and more where there are options. */
  headerLength: number;
  totalLength: number;
  ttl: number;
  protocol: number;
  source: string;
  destination: string;
  checksumHolds: boolean;
}

/** An ICMP echo request or reply. */
export interface EchoMessage {
  type: number;
  code: number;
  identifier: number;
  sequence: number;
  payload: Buffer;
  checksumHolds: boolean;
}

/** Takes the header of an IPv4 packet apart. All its numbers are in network byte order. */
export function parseIp(packet: Buffer): IpHeader {
  const headerLength = (packet.readUInt8(0) & 0x0f) * 4;
  return {
    version: packet.readUInt8(0) >> 4,
    headerLength,
    totalLength: packet.readUInt16BE(2),
    ttl: packet.readUInt8(8),
    protocol: packet.readUInt8(9),
    source: inet_ntoa(packet.subarray(12, 16)),
    destination: inet_ntoa(packet.subarray(16, 20)),
    checksumHolds: checksum(packet.subarray(0, headerLength)) === 0,
  };
}

/** Takes an ICMP message apart that is an echo request or reply. */
export function parseEcho(message: Buffer): EchoMessage {
  return {
    type: message.readUInt8(0),
    code: message.readUInt8(1),
    identifier: message.readUInt16BE(4),
    sequence: message.readUInt16BE(6),
    payload: message.subarray(8),
    checksumHolds: checksum(message) === 0,
  };
}

/** An ICMP echo request. */
export function buildEcho(identifier: number, sequence: number, payload: Uint8Array): Buffer {
  const message = Buffer.concat([Buffer.alloc(8), payload]);
  message.writeUInt8(ICMP_ECHO, 0);
  message.writeUInt16BE(identifier, 4);
  message.writeUInt16BE(sequence, 6);
  message.writeUInt16BE(checksum(message), 2);
  return message;
}

/**
 * The Internet checksum (RFC 1071): the ones' complement of the sum of all 16-bit words, where
 * carries are added at the low end. Over bytes that contain their own checksum it is 0.
 */
export function checksum(bytes: Buffer): number {
  let sum = 0;
  for (let index = 0; index + 1 < bytes.length; index += 2) sum += bytes.readUInt16BE(index);
  if (bytes.length % 2 === 1) sum += bytes.readUInt8(bytes.length - 1) << 8;
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return ~sum & 0xffff;
}

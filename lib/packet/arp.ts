// The address resolution protocol (RFC 826).

import { ValueError } from '../errors.js';
import { toField, toRecord, UINT8_MAX, UINT16_MAX } from '../fields.js';
import type { BytesLike } from '../socket/bytes.js';
import { requireLength } from './malformed.js';
import {
  type AddressLike,
  IPV4_BYTES,
  ipv4Text,
  MAC_BYTES,
  macText,
  toBuffer,
  toIpv4,
  toMac,
} from './values.js';

/** The operation "who has that address?" */
export const REQUEST = 1;
/** The operation "I have." */
export const REPLY = 2;

/** A packet of ARP. Addresses of other lengths than Ethernet's and IPv4's are bytes. */
export interface Arp {
  /** The kind of hardware, an `ARPHRD_` constant: 1 for Ethernet. */
  hardwareType: number;
  /** The kind of protocol, an `ETH_P_` constant: 0x0800 for IPv4. */
  protocolType: number;
  /** {@link REQUEST} or {@link REPLY}; there are others. */
  operation: number;
  /** The hardware address of the sender. */
  senderHardware: string | Buffer;
  /** The protocol's address of the sender. */
  senderProtocol: string | Buffer;
  /** The hardware address of the target; a request has zeroes there. */
  targetHardware: string | Buffer;
  /** The protocol's address of the target. */
  targetProtocol: string | Buffer;
}

/** What a packet is built from: of Ethernet and IPv4, with a target of zeroes, unless it is given. */
export interface ArpInput {
  hardwareType?: number;
  protocolType?: number;
  operation: number;
  senderHardware: AddressLike;
  senderProtocol: AddressLike;
  targetHardware?: AddressLike;
  targetProtocol: AddressLike;
}

const HEADER_BYTES = 8;
const ETHERNET = 1;
const IPV4 = 0x0800;

/**
 * Takes a packet apart; what follows it, such as the padding of its frame, is left alone.
 *
 * @throws PacketError, a ValueError, if it ends too early
 */
export function parse(bytes: BytesLike): Arp {
  const packet = toBuffer(bytes, 'packet');
  requireLength(packet, HEADER_BYTES, 'arp');
  const protocolType = packet.readUInt16BE(2);
  const hardwareLength = packet.readUInt8(4);
  const protocolLength = packet.readUInt8(5);
  let offset = HEADER_BYTES;
  const take = (length: number, field: string): Buffer => {
    requireLength(packet, offset + length, 'arp', field);
    const part = packet.subarray(offset, offset + length);
    offset += length;
    return part;
  };
  const hardware = (field: string) => {
    const part = take(hardwareLength, field);
    return hardwareLength === MAC_BYTES ? macText(part) : part;
  };
  const protocol = (field: string) => {
    const part = take(protocolLength, field);
    return protocolType === IPV4 && protocolLength === IPV4_BYTES ? ipv4Text(part) : part;
  };
  return {
    hardwareType: packet.readUInt16BE(0),
    protocolType,
    operation: packet.readUInt16BE(6),
    senderHardware: hardware('senderHardware'),
    senderProtocol: protocol('senderProtocol'),
    targetHardware: hardware('targetHardware'),
    targetProtocol: protocol('targetProtocol'),
  };
}

function hardwareBytes(value: unknown, field: string): Buffer {
  return typeof value === 'string' ? toMac(value, field) : toBuffer(value, field);
}

function protocolBytes(value: unknown, field: string): Buffer {
  return typeof value === 'string' ? toIpv4(value, field) : toBuffer(value, field);
}

/** The length of both addresses of a kind. */
function commonLength(sender: Buffer, target: Buffer, kind: string): number {
  if (sender.length === target.length) return toField(sender.length, `arp.${kind}`, UINT8_MAX);
  throw new ValueError(
    `arp.target${kind} has ${target.length} bytes, arp.sender${kind} ${sender.length}`,
  );
}

/**
 * Puts a packet together.
 *
 * @throws TypeError, ValueError or OverflowError for a field that cannot be used
 */
export function build(header: ArpInput): Buffer {
  const fields = toRecord(header, 'arp');
  const { hardwareType = ETHERNET, protocolType = IPV4 } = fields;
  const senderHardware = hardwareBytes(fields.senderHardware, 'arp.senderHardware');
  const senderProtocol = protocolBytes(fields.senderProtocol, 'arp.senderProtocol');
  const unknownHardware = fields.targetHardware ?? Buffer.alloc(senderHardware.length);
  const targetHardware = hardwareBytes(unknownHardware, 'arp.targetHardware');
  const targetProtocol = protocolBytes(fields.targetProtocol, 'arp.targetProtocol');
  const start = Buffer.alloc(HEADER_BYTES);
  start.writeUInt16BE(toField(hardwareType, 'arp.hardwareType', UINT16_MAX), 0);
  start.writeUInt16BE(toField(protocolType, 'arp.protocolType', UINT16_MAX), 2);
  start.writeUInt8(commonLength(senderHardware, targetHardware, 'Hardware'), 4);
  start.writeUInt8(commonLength(senderProtocol, targetProtocol, 'Protocol'), 5);
  start.writeUInt16BE(toField(fields.operation, 'arp.operation', UINT16_MAX), 6);
  return Buffer.concat([start, senderHardware, senderProtocol, targetHardware, targetProtocol]);
}

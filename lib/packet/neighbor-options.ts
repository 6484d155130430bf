// The options of neighbor discovery (RFC 4861, section 4.6).

import { ValueError } from '../errors.js';
import { toField, toRecord, UINT8_MAX, UINT32_MAX } from '../fields.js';
import { pythonRepr } from '../repr.js';
import type { BytesLike } from '../socket/bytes.js';
import { PacketError } from './malformed.js';
import {
  type AddressLike,
  ipv6Text,
  MAC_BYTES,
  macText,
  toBuffer,
  toIpv6,
  toList,
  toMac,
} from './values.js';

/** An option of neighbor discovery; `other` is one that has no name here. */
export type NeighborOption =
  | { name: 'sourceLinkLayer' | 'targetLinkLayer'; address: string }
  | {
      name: 'prefix';
      /** How many bits of the prefix count. */
      length: number;
      /** 0x80 where addresses with the prefix are on the link, 0x40 where they may be made up. */
      flags: number;
      /** Seconds that such addresses are valid, and preferred; 0xffffffff is for ever. */
      validLifetime: number;
      preferredLifetime: number;
      prefix: string;
    }
  | { name: 'mtu'; mtu: number }
  | { name: 'other'; type: number; data: Buffer };

/** What an option is built from. */
export type NeighborOptionInput =
  | { name: 'sourceLinkLayer' | 'targetLinkLayer'; address: AddressLike }
  | {
      name: 'prefix';
      length: number;
      flags?: number;
      validLifetime: number;
      preferredLifetime: number;
      prefix: AddressLike;
    }
  | { name: 'mtu'; mtu: number }
  | { name: 'other'; type: number; data: BytesLike };

const SOURCE = 1;
const TARGET = 2;
const PREFIX = 3;
const MTU = 5;
const UNIT = 8;
const PREFIX_BYTES = 30;
const MTU_BYTES = 6;
const MOST_PREFIX_BITS = 128;

/** The option with that data, which begins behind type and length. */
function decode(type: number, data: Buffer): NeighborOption {
  if ((type === SOURCE || type === TARGET) && data.length === MAC_BYTES) {
    const name = type === SOURCE ? 'sourceLinkLayer' : 'targetLinkLayer';
    return { name, address: macText(data) };
  }
  if (type === PREFIX && data.length === PREFIX_BYTES) {
    return {
      name: 'prefix',
      length: data.readUInt8(0),
      flags: data.readUInt8(1),
      validLifetime: data.readUInt32BE(2),
      preferredLifetime: data.readUInt32BE(6),
      prefix: ipv6Text(data, 14),
    };
  }
  if (type === MTU && data.length === MTU_BYTES) return { name: 'mtu', mtu: data.readUInt32BE(2) };
  return { name: 'other', type, data };
}

/** The options that fill a message from an offset on. */
export function parseNeighborOptions(packet: Buffer, start: number): NeighborOption[] {
  const options: NeighborOption[] = [];
  let offset = start;
  while (offset < packet.length) {
    const length = (packet[offset + 1] ?? 0) * UNIT;
    if (length === 0 || offset + length > packet.length) {
      const reason = `an option of type ${packet[offset]} has no length that fits`;
      throw new PacketError('icmpv6', 'options', offset, reason);
    }
    options.push(decode(packet[offset] as number, packet.subarray(offset + 2, offset + length)));
    offset += length;
  }
  return options;
}

function encode(value: unknown): [type: number, data: Buffer] {
  const what = 'icmpv6.options[]';
  const option = toRecord(value, what);
  switch (option.name) {
    case 'sourceLinkLayer':
      return [SOURCE, toMac(option.address, `${what}.address`)];
    case 'targetLinkLayer':
      return [TARGET, toMac(option.address, `${what}.address`)];
    case 'prefix': {
      const data = Buffer.alloc(PREFIX_BYTES);
      const { length, flags = 0, validLifetime, preferredLifetime, prefix } = option;
      data.writeUInt8(toField(length, `${what}.length`, MOST_PREFIX_BITS), 0);
      data.writeUInt8(toField(flags, `${what}.flags`, UINT8_MAX), 1);
      data.writeUInt32BE(toField(validLifetime, `${what}.validLifetime`, UINT32_MAX), 2);
      data.writeUInt32BE(toField(preferredLifetime, `${what}.preferredLifetime`, UINT32_MAX), 6);
      data.set(toIpv6(prefix, `${what}.prefix`), 14);
      return [PREFIX, data];
    }
    case 'mtu': {
      const data = Buffer.alloc(MTU_BYTES);
      data.writeUInt32BE(toField(option.mtu, `${what}.mtu`, UINT32_MAX), 2);
      return [MTU, data];
    }
    case 'other':
      return [
        toField(option.type, `${what}.type`, UINT8_MAX),
        toBuffer(option.data, `${what}.data`),
      ];
    default:
      throw new ValueError(`${what}: no option is called ${pythonRepr(option.name)}`);
  }
}

/** The bytes of options, in pieces. */
export function buildNeighborOptions(value: unknown): Buffer[] {
  return toList(value, 'icmpv6.options').flatMap((option) => {
    const [type, data] = encode(option);
    const length = data.length + 2;
    if (length % UNIT !== 0) {
      throw new ValueError(`icmpv6.options[].data: ${length} bytes are no multiple of ${UNIT}`);
    }
    const units = toField(length / UNIT, 'icmpv6.options[] length', UINT8_MAX);
    return [Buffer.of(type, units), data];
  });
}

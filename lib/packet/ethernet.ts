// Ethernet frames (IEEE 802.3, RFC 894) with their VLAN tags (IEEE 802.1Q).

import { ValueError } from '../errors.js';
import { toField, toRecord, UINT16_MAX } from '../fields.js';
import type { BytesLike } from '../socket/bytes.js';
import { requireLength } from './malformed.js';
import {
  type AddressLike,
  MAC_BYTES,
  macText,
  toBuffer,
  toList,
  toMac,
  toPayload,
} from './values.js';

/** A VLAN tag. */
export interface Vlan {
  /** What tells it from an EtherType: 0x8100, for outer tags 0x88a8 or the older 0x9100. */
  tpid: number;
  /** The priority, 0 to 7. */
  priority: number;
  /** Whether the frame may be dropped before others. */
  dropEligible: boolean;
  /** The number of the VLAN, 0 to 4095. */
  id: number;
}

/** An Ethernet frame without the bits before it and the check sequence behind it. */
export interface Ethernet {
  /** The hardware address it goes to. */
  destination: string;
  /** The hardware address it comes from. */
  source: string;
  /** The VLAN tags, the outermost first. */
  vlans: Vlan[];
  /** What the payload is, an `ETH_P_` constant; up to 1500, the length of an IEEE 802.3 payload. */
  type: number;
  /** The rest of the frame, which may end with padding. */
  payload: Buffer;
}

/** What a frame is built from: a `tpid` is 0x8100, the rest of a tag 0, unless it is given. */
export interface EthernetInput {
  destination: AddressLike;
  source: AddressLike;
  vlans?: readonly Partial<Vlan>[];
  type: number;
  payload?: BytesLike;
}

const TYPE_OFFSET = 2 * MAC_BYTES;
const TAG_BYTES = 4;
const HEADER_BYTES = TYPE_OFFSET + 2;
const DOT1Q = 0x8100;
/** IEEE 802.1Q, IEEE 802.1ad, and what came before that. */
const TAG_TYPES: ReadonlySet<number> = new Set([DOT1Q, 0x88a8, 0x9100]);
const PRIORITY_MAX = 7;
const VLAN_MAX = 0xfff;
const DROP_ELIGIBLE = 0x1000;

/**
 * Takes a frame apart, as AF_PACKET sockets of the kind SOCK_RAW give it; packet(7).
 *
 * @throws PacketError, a ValueError, if it ends within its header
 */
export function parse(bytes: BytesLike): Ethernet {
  const frame = toBuffer(bytes, 'frame');
  requireLength(frame, HEADER_BYTES, 'ethernet');
  const vlans: Vlan[] = [];
  let offset = TYPE_OFFSET;
  let type = frame.readUInt16BE(offset);
  while (TAG_TYPES.has(type)) {
    requireLength(frame, offset + TAG_BYTES + 2, 'ethernet', 'vlans');
    const tag = frame.readUInt16BE(offset + 2);
    vlans.push({
      tpid: type,
      priority: tag >> 13,
      dropEligible: (tag & DROP_ELIGIBLE) !== 0,
      id: tag & VLAN_MAX,
    });
    offset += TAG_BYTES;
    type = frame.readUInt16BE(offset);
  }
  return {
    destination: macText(frame.subarray(0, MAC_BYTES)),
    source: macText(frame.subarray(MAC_BYTES, TYPE_OFFSET)),
    vlans,
    type,
    payload: frame.subarray(offset + 2),
  };
}

function buildTag(value: unknown): Buffer {
  const vlan = toRecord(value, 'ethernet.vlans[]');
  const { tpid = DOT1Q, priority = 0, dropEligible = false, id = 0 } = vlan;
  const tag = Buffer.alloc(TAG_BYTES);
  const number = toField(tpid, 'ethernet.vlans[].tpid', UINT16_MAX);
  if (!TAG_TYPES.has(number)) {
    throw new ValueError(`ethernet.vlans[].tpid: 0x${number.toString(16)} is no kind of tag`);
  }
  tag.writeUInt16BE(number, 0);
  tag.writeUInt16BE(
    (toField(priority, 'ethernet.vlans[].priority', PRIORITY_MAX) << 13) |
      (dropEligible ? DROP_ELIGIBLE : 0) |
      toField(id, 'ethernet.vlans[].id', VLAN_MAX),
    2,
  );
  return tag;
}

/**
 * Puts a frame together. It is not padded: the interface does that.
 *
 * @param header its fields
 * @param payload what it carries; left out, `header.payload`
 * @throws TypeError, ValueError or OverflowError for a field that cannot be used
 */
export function build(header: EthernetInput, payload?: BytesLike): Buffer {
  const fields = toRecord(header, 'ethernet');
  const type = Buffer.alloc(2);
  type.writeUInt16BE(toField(fields.type, 'ethernet.type', UINT16_MAX));
  return Buffer.concat([
    toMac(fields.destination, 'ethernet.destination'),
    toMac(fields.source, 'ethernet.source'),
    ...toList(fields.vlans, 'ethernet.vlans').map(buildTag),
    type,
    toPayload(payload ?? fields.payload, 'ethernet'),
  ]);
}

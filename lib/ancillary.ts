// `berkeley-sockets/ancillary`: control messages with types, for `recvmsg` and `sendmsg`.

import { nameOf, table } from './ancillary/table.js';
import type {
  ControlInputs,
  ControlMessage,
  ControlName,
  ControlValues,
  KnownMessage,
} from './ancillary/types.js';
import { CMSG_SPACE } from './descriptors.js';
import { ValueError } from './errors.js';
import { toField, UINT8_MAX } from './fields.js';
import { toIterable } from './io/arguments.js';
import { type BytesLike, toBytes } from './socket/bytes.js';
import { argumentName, toInt, typeName } from './types.js';

export type {
  ControlInputs,
  ControlMessage,
  ControlName,
  ControlValues,
  Credentials,
  ExtendedError,
  KnownMessage,
  PacketAuxiliary,
  PacketInfo,
  PacketInfo6,
  Timestamps,
  UnknownMessage,
} from './ancillary/types.js';

/** A control message as `recvmsg` gives it and `sendmsg` takes it; cmsg(3). */
export type AncillaryItem = readonly [level: number, type: number, data: BytesLike];

function rowOf<Name extends ControlName>(name: Name) {
  if (typeof name !== 'string') {
    throw new TypeError(`a control message has a str for a name, not ${argumentName(name)}`);
  }
  const found = Object.hasOwn(table, name) ? table[name] : undefined;
  if (found === undefined) throw new ValueError(`unknown control message ${name}`);
  if (found.type === undefined) throw new ValueError(`this system has no ${name}`);
  return found;
}

function viewOf(data: unknown): DataView {
  const bytes = toBytes(data);
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function itemsOf(ancdata: unknown): unknown[] {
  if (typeof ancdata === 'object' && ancdata !== null && Symbol.iterator in ancdata) {
    return [...toIterable(ancdata)];
  }
  throw new TypeError(`ancdata must be an iterable, not ${typeName(ancdata)}`);
}

function decodeItem(item: unknown): ControlMessage {
  if (!Array.isArray(item) || item.length !== 3) {
    throw new TypeError('an item of ancdata must be [level, type, data]');
  }
  const [level, type, data] = item as unknown[];
  const kind = { level: toInt(level), type: toInt(type) };
  const view = viewOf(data);
  const name = nameOf(kind.level, kind.type);
  const value = name === undefined ? undefined : table[name].decode(view);
  if (name !== undefined && value !== undefined) {
    return { ...kind, name, value } as KnownMessage;
  }
  const bytes = Buffer.from(view.buffer, view.byteOffset, view.byteLength);
  return { ...kind, name: null, value: bytes };
}

/**
 * What received control messages say.
 *
 * A message that is not known here, and one with fewer bytes than it must have (a receiver's buffer
 * that is too small cuts it, see MSG_CTRUNC in recvmsg(2)), has the name `null` and its bytes for a
 * value; the rest of the messages is not affected.
 *
 * @param ancdata what `recvmsg` gave: `[level, type, data]` items
 * @returns a message for each item: level, type, name, and a value by name
 * @throws TypeError if it is no list of such items
 */
export function decode(ancdata: Iterable<AncillaryItem>): ControlMessage[] {
  return itemsOf(ancdata).map(decodeItem);
}

/**
 * What the first message of that name says; undefined where there is none.
 *
 * @param ancdata what `recvmsg` gave
 * @param name the message: `'IP_TTL'`
 * @throws ValueError if no message is called so
 */
export function get<Name extends ControlName>(
  ancdata: Iterable<AncillaryItem>,
  name: Name,
): ControlValues[Name] | undefined {
  rowOf(name);
  const found = decode(ancdata).find((message) => message.name === name);
  return found?.value as ControlValues[Name] | undefined;
}

/**
 * A control message for `sendmsg`; the fields are those of the kernel's structures.
 *
 * Linux takes these from a sender: SCM_RIGHTS, SCM_CREDENTIALS (unix(7)); IP_PKTINFO, IP_TTL,
 * IP_TOS (ip(7)); IPV6_PKTINFO, IPV6_HOPLIMIT, IPV6_TCLASS (ipv6(7), RFC 3542); UDP_SEGMENT
 * (udp(7)). The others are encoded for tests, and for whoever stands in for a kernel.
 *
 * @param name the message: `'IP_TTL'`
 * @param value what it shall say
 * @returns `[level, type, data]`
 * @throws ValueError if no message is called so
 * @throws TypeError for a value of the wrong type, OverflowError for a number that does not fit
 * @throws OSError (without a number) for a text that is no address
 */
export function encode<Name extends ControlName>(
  name: Name,
  value: ControlInputs[Name],
): [level: number, type: number, data: Buffer] {
  const row = rowOf(name);
  const bytes = row.encode(value as never);
  return [row.level, row.type, Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)];
}

/**
 * The room that these messages take at most, for `recvmsg`'s `ancbufsize`. SCM_RIGHTS counts with
 * 253 descriptors, the most that one message has.
 *
 * @param names the messages that are expected
 * @returns bytes
 * @throws ValueError if no message is called so
 */
export function space(...names: ControlName[]): number {
  return names.reduce((sum, name) => sum + CMSG_SPACE(rowOf(name).size), 0);
}

const ECN_MASK = 3;
const DSCP_SHIFT = 2;

/**
 * The congestion bits in a value of IP_TOS or IPV6_TCLASS: 0 for a sender that knows none, 1 and 2
 * for one that does (ECT(1), ECT(0)), 3 for a packet that met congestion; RFC 3168.
 */
export function ecn(trafficClass: number): number {
  return toField(trafficClass, 'a traffic class', UINT8_MAX) & ECN_MASK;
}

/** The service class (DSCP) in a value of IP_TOS or IPV6_TCLASS; RFC 2474. */
export function dscp(trafficClass: number): number {
  return toField(trafficClass, 'a traffic class', UINT8_MAX) >> DSCP_SHIFT;
}

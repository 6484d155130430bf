// The control messages that are known: for each its level, its type and the layout of its data.

import {
  IP_PKTINFO,
  IP_RECVERR,
  IP_TOS,
  IP_TTL,
  IPV6_HOPLIMIT,
  IPV6_PKTINFO,
  IPV6_RECVERR,
  IPV6_TCLASS,
  PACKET_AUXDATA,
  SCM_CREDENTIALS,
  SCM_RIGHTS,
  SCM_TIMESTAMPING,
  SO_TIMESTAMP,
  SO_TIMESTAMP_NEW,
  SO_TIMESTAMPING_NEW,
  SO_TIMESTAMPNS,
  SO_TIMESTAMPNS_NEW,
  SOL_IP,
  SOL_IPV6,
  SOL_PACKET,
  SOL_SOCKET,
  SOL_UDP,
  UDP_GRO,
  UDP_SEGMENT,
} from '../constants.js';
import { UINT8_MAX, UINT16_MAX } from '../fields.js';
import { extendedError4, extendedError6 } from './extended-error.js';
import {
  credentials,
  descriptors,
  integer,
  type Layout,
  packetAuxiliary,
  packetInfo,
  packetInfo6,
} from './layouts.js';
import { time, timestamps } from './times.js';
import type { ControlInputs, ControlName, ControlValues } from './types.js';

/** A control message: where it belongs, and how its data is laid out. */
export interface Row<Value, Input = Value> extends Layout<Value, Input> {
  readonly level: number;
  readonly type: number;
}

function row<Value, Input>(
  level: number,
  type: number,
  layout: Layout<Value, Input>,
): Row<Value, Input> {
  return { ...layout, level, type };
}

const MICROSECOND = 1000n;
const NANOSECOND = 1n;
const byte = { most: UINT8_MAX };
/** Sent, -1 stands for the system's default (RFC 3542). */
const byteOrDefault = { most: UINT8_MAX, least: -1 };

/** Every known message. A type that the system lacks is undefined, and never found. */
export const table: { [N in ControlName]: Row<ControlValues[N], ControlInputs[N]> } = {
  SCM_RIGHTS: row(SOL_SOCKET, SCM_RIGHTS, descriptors),
  SCM_CREDENTIALS: row(SOL_SOCKET, SCM_CREDENTIALS, credentials),
  IP_PKTINFO: row(SOL_IP, IP_PKTINFO, packetInfo),
  IPV6_PKTINFO: row(SOL_IPV6, IPV6_PKTINFO, packetInfo6),
  IP_TTL: row(SOL_IP, IP_TTL, integer('IP_TTL', byte)),
  IPV6_HOPLIMIT: row(SOL_IPV6, IPV6_HOPLIMIT, integer('IPV6_HOPLIMIT', byteOrDefault)),
  IP_TOS: row(SOL_IP, IP_TOS, integer('IP_TOS', byte)),
  IPV6_TCLASS: row(SOL_IPV6, IPV6_TCLASS, integer('IPV6_TCLASS', byteOrDefault)),
  SO_TIMESTAMP: row(SOL_SOCKET, SO_TIMESTAMP, time(MICROSECOND)),
  SO_TIMESTAMPNS: row(SOL_SOCKET, SO_TIMESTAMPNS, time(NANOSECOND)),
  SCM_TIMESTAMPING: row(SOL_SOCKET, SCM_TIMESTAMPING, timestamps),
  SO_TIMESTAMP_NEW: row(SOL_SOCKET, SO_TIMESTAMP_NEW, time(MICROSECOND)),
  SO_TIMESTAMPNS_NEW: row(SOL_SOCKET, SO_TIMESTAMPNS_NEW, time(NANOSECOND)),
  SO_TIMESTAMPING_NEW: row(SOL_SOCKET, SO_TIMESTAMPING_NEW, timestamps),
  IP_RECVERR: row(SOL_IP, IP_RECVERR, extendedError4),
  IPV6_RECVERR: row(SOL_IPV6, IPV6_RECVERR, extendedError6),
  UDP_GRO: row(SOL_UDP, UDP_GRO, integer('UDP_GRO', { most: UINT16_MAX })),
  UDP_SEGMENT: row(SOL_UDP, UDP_SEGMENT, integer('UDP_SEGMENT', { most: UINT16_MAX, size: 2 })),
  PACKET_AUXDATA: row(SOL_PACKET, PACKET_AUXDATA, packetAuxiliary),
};

const names = new Map<string, ControlName>();
for (const [name, { level, type }] of Object.entries(table)) {
  if (type !== undefined) names.set(`${level} ${type}`, name as ControlName);
}

/** The name of a message by its level and type; undefined where it is not known. */
export function nameOf(level: number, type: number): ControlName | undefined {
  return names.get(`${level} ${type}`);
}

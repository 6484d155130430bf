// How the kernel lays out what control messages hold: numbers, descriptors, packet information.

import { isLittleEndian } from '../builtins.js';
import { AF_INET, AF_INET6 } from '../constants.js';
import { toField, toRecord, UINT16_MAX, UINT32_MAX } from '../fields.js';
import { toIterable } from '../io/arguments.js';
import { inet_ntop, inet_pton } from '../numbers.js';
import { typeName } from '../types.js';
import type { Credentials, PacketAuxiliary, PacketInfo, PacketInfo6 } from './types.js';

/** How one kind of data is read and written. */
export interface Layout<Value, Input = Value> {
  /** The most bytes that the kernel gives. */
  readonly size: number;
  /** The value; undefined where the bytes are too few for one. */
  decode(data: DataView): Value | undefined;
  /** The bytes. */
  encode(value: Input): Uint8Array;
}

const INT_BYTES = 4;
const INT_MAX = 0x7fff_ffff;
/** The most descriptors in one message (SCM_MAX_FD of unix(7)). */
const MOST_DESCRIPTORS = 253;
const ADDRESS_BYTES = 4;
const ADDRESS6_BYTES = 16;

/** Zeroes to write to. */
export function memory(size: number): DataView {
  return new DataView(new ArrayBuffer(size));
}

/** The same memory as bytes. */
export function bytesOf(view: DataView): Uint8Array {
  return new Uint8Array(view.buffer, view.byteOffset, view.byteLength);
}

/** The numeric address that begins at the offset. */
export function readAddress(data: DataView, offset: number, family: number): string {
  const length = family === AF_INET ? ADDRESS_BYTES : ADDRESS6_BYTES;
  return inet_ntop(family, new Uint8Array(data.buffer, data.byteOffset + offset, length));
}

/** Writes a numeric address; one that is left out stays 0. */
export function writeAddress(view: DataView, offset: number, family: number, text: unknown): void {
  if (text !== undefined) bytesOf(view).set(inet_pton(family, text as string), offset);
}

/**
 * A number. The kernel sends some as a byte that it takes as an int (IP_TOS): the length of the
 * data says which it is.
 */
export function integer(
  what: string,
  { size = INT_BYTES, least = 0, most = INT_MAX }: { size?: 2 | 4; least?: number; most?: number },
): Layout<number> {
  return {
    size: INT_BYTES,
    decode(data) {
      if (data.byteLength >= INT_BYTES) return data.getInt32(0, isLittleEndian);
      if (data.byteLength >= 2) return data.getUint16(0, isLittleEndian);
      return data.byteLength === 1 ? data.getUint8(0) : undefined;
    },
    encode(value) {
      const view = memory(size);
      const number = toField(value, what, most, least);
      if (size === 2) view.setUint16(0, number, isLittleEndian);
      else view.setInt32(0, number, isLittleEndian);
      return bytesOf(view);
    },
  };
}

export const descriptors: Layout<number[], Iterable<number>> = {
  size: MOST_DESCRIPTORS * INT_BYTES,
  decode(data) {
    const count = Math.floor(data.byteLength / INT_BYTES);
    return Array.from({ length: count }, (_, index) =>
      data.getInt32(index * INT_BYTES, isLittleEndian),
    );
  },
  encode(value) {
    if (typeof (value as Partial<Iterable<number>> | null)?.[Symbol.iterator] !== 'function') {
      throw new TypeError(`SCM_RIGHTS must be an iterable of descriptors, not ${typeName(value)}`);
    }
    const numbers = Array.from(toIterable(value), (fd) => toField(fd, 'a descriptor', INT_MAX));
    return new Uint8Array(Int32Array.from(numbers).buffer);
  },
};

export const credentials: Layout<Credentials> = {
  size: 12,
  decode(data) {
    if (data.byteLength < this.size) return undefined;
    return {
      pid: data.getInt32(0, isLittleEndian),
      uid: data.getUint32(4, isLittleEndian),
      gid: data.getUint32(8, isLittleEndian),
    };
  },
  encode(value) {
    const { pid, uid, gid } = toRecord(value, 'SCM_CREDENTIALS');
    const view = memory(this.size);
    view.setInt32(0, toField(pid, 'pid', INT_MAX), isLittleEndian);
    view.setUint32(4, toField(uid, 'uid', UINT32_MAX), isLittleEndian);
    view.setUint32(8, toField(gid, 'gid', UINT32_MAX), isLittleEndian);
    return bytesOf(view);
  },
};

export const packetInfo: Layout<PacketInfo, Partial<PacketInfo>> = {
  size: 12,
  decode(data) {
    if (data.byteLength < this.size) return undefined;
    return {
      ifindex: data.getInt32(0, isLittleEndian),
      spec_dst: readAddress(data, 4, AF_INET),
      addr: readAddress(data, 8, AF_INET),
    };
  },
  encode(value) {
    const { ifindex = 0, spec_dst, addr } = toRecord(value, 'IP_PKTINFO');
    const view = memory(this.size);
    view.setInt32(0, toField(ifindex, 'ifindex', INT_MAX), isLittleEndian);
    writeAddress(view, 4, AF_INET, spec_dst);
    writeAddress(view, 8, AF_INET, addr);
    return bytesOf(view);
  },
};

export const packetInfo6: Layout<PacketInfo6, Partial<PacketInfo6>> = {
  size: 20,
  decode(data) {
    if (data.byteLength < this.size) return undefined;
    return {
      addr: readAddress(data, 0, AF_INET6),
      ifindex: data.getInt32(ADDRESS6_BYTES, isLittleEndian),
    };
  },
  encode(value) {
    const { ifindex = 0, addr } = toRecord(value, 'IPV6_PKTINFO');
    const view = memory(this.size);
    writeAddress(view, 0, AF_INET6, addr);
    view.setInt32(ADDRESS6_BYTES, toField(ifindex, 'ifindex', INT_MAX), isLittleEndian);
    return bytesOf(view);
  },
};

export const packetAuxiliary: Layout<PacketAuxiliary, Partial<PacketAuxiliary>> = {
  size: 20,
  decode(data) {
    if (data.byteLength < this.size) return undefined;
    return {
      status: data.getUint32(0, isLittleEndian),
      len: data.getUint32(4, isLittleEndian),
      snaplen: data.getUint32(8, isLittleEndian),
      mac: data.getUint16(12, isLittleEndian),
      net: data.getUint16(14, isLittleEndian),
      vlan_tci: data.getUint16(16, isLittleEndian),
      vlan_tpid: data.getUint16(18, isLittleEndian),
    };
  },
  encode(value) {
    const record = toRecord(value, 'PACKET_AUXDATA');
    const view = memory(this.size);
    ['status', 'len', 'snaplen'].forEach((name, index) => {
      view.setUint32(index * 4, toField(record[name] ?? 0, name, UINT32_MAX), isLittleEndian);
    });
    ['mac', 'net', 'vlan_tci', 'vlan_tpid'].forEach((name, index) => {
      view.setUint16(12 + index * 2, toField(record[name] ?? 0, name, UINT16_MAX), isLittleEndian);
    });
    return bytesOf(view);
  },
};

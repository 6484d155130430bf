// How the kernel lays out `struct sock_extended_err` with the address of the offender behind it.

import { isLittleEndian } from '../builtins.js';
import { AF_INET, AF_INET6 } from '../constants.js';
import { toField, toRecord, UINT8_MAX, UINT16_MAX, UINT32_MAX } from '../fields.js';
import { typeName } from '../types.js';
import { bytesOf, type Layout, memory, readAddress, writeAddress } from './layouts.js';
import type { ExtendedError } from './types.js';

const INT_MAX = 0x7fff_ffff;
type Offender4 = [host: string, port: number];
type Offender6 = [host: string, port: number, flowinfo: number, scope_id: number];

const EXTENDED_BYTES = 16;

/** `struct sock_extended_err` and the socket address of the offender behind it. */
function extendedError<Offender extends readonly unknown[]>(
  name: string,
  family: number,
  addressSize: number,
  read: (data: DataView, at: number) => Offender,
  write: (view: DataView, at: number, offender: Offender) => void,
): Layout<ExtendedError<Offender>, Partial<ExtendedError<Offender>>> {
  return {
    size: EXTENDED_BYTES + addressSize,
    decode(data) {
      if (data.byteLength < EXTENDED_BYTES) return undefined;
      const hasOffender =
        data.byteLength >= this.size && data.getUint16(EXTENDED_BYTES, isLittleEndian) === family;
      return {
        errno: data.getUint32(0, isLittleEndian),
        origin: data.getUint8(4),
        type: data.getUint8(5),
        code: data.getUint8(6),
        info: data.getUint32(8, isLittleEndian),
        data: data.getUint32(12, isLittleEndian),
        offender: hasOffender ? read(data, EXTENDED_BYTES) : null,
      };
    },
    encode(value) {
      const record = toRecord(value, name);
      const { errno = 0, origin = 0, type = 0, code = 0, info = 0, data = 0 } = record;
      const view = memory(this.size);
      view.setUint32(0, toField(errno, 'errno', INT_MAX), isLittleEndian);
      view.setUint8(4, toField(origin, 'origin', UINT8_MAX));
      view.setUint8(5, toField(type, 'type', UINT8_MAX));
      view.setUint8(6, toField(code, 'code', UINT8_MAX));
      view.setUint32(8, toField(info, 'info', UINT32_MAX), isLittleEndian);
      view.setUint32(12, toField(data, 'data', UINT32_MAX), isLittleEndian);
      const offender = record.offender ?? null;
      if (offender === null) return bytesOf(view);
      if (!Array.isArray(offender)) {
        throw new TypeError(`offender must be an address, not ${typeName(offender)}`);
      }
      view.setUint16(EXTENDED_BYTES, family, isLittleEndian);
      write(view, EXTENDED_BYTES, offender as unknown as Offender);
      return bytesOf(view);
    },
  };
}

/** The address in a `struct sockaddr_in`. */
export function decodeAddress4(data: DataView, at = 0): Offender4 {
  return [readAddress(data, at + 4, AF_INET), data.getUint16(at + 2)];
}

/** The address in a `struct sockaddr_in6`. */
export function decodeAddress6(data: DataView, at = 0): Offender6 {
  return [
    readAddress(data, at + 8, AF_INET6),
    data.getUint16(at + 2),
    data.getUint32(at + 4),
    data.getUint32(at + 24, isLittleEndian),
  ];
}

export const extendedError4 = extendedError<Offender4>(
  'IP_RECVERR',
  AF_INET,
  16,
  decodeAddress4,
  (view, at, [host, port = 0]) => {
    view.setUint16(at + 2, toField(port, 'port', UINT16_MAX));
    writeAddress(view, at + 4, AF_INET, host);
  },
);

export const extendedError6 = extendedError<Offender6>(
  'IPV6_RECVERR',
  AF_INET6,
  28,
  decodeAddress6,
  (view, at, [host, port = 0, flowinfo = 0, scope_id = 0]) => {
    view.setUint16(at + 2, toField(port, 'port', UINT16_MAX));
    view.setUint32(at + 4, toField(flowinfo, 'flowinfo', UINT32_MAX));
    writeAddress(view, at + 8, AF_INET6, host);
    view.setUint32(at + 24, toField(scope_id, 'scope_id', UINT32_MAX), isLittleEndian);
  },
);

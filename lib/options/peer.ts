// Who is at the other end, where a connection was meant to go, and by which interface.

import { decodeAddress4, decodeAddress6 } from '../ancillary/extended-error.js';
import { credentials } from '../ancillary/layouts.js';
import type { Credentials } from '../ancillary/types.js';
import {
  AF_INET6,
  IP6T_SO_ORIGINAL_DST,
  SO_BINDTODEVICE,
  SO_ORIGINAL_DST,
  SO_PEERCRED,
  SOL_IP,
  SOL_IPV6,
  SOL_SOCKET,
} from '../constants.js';
import { OSError, ValueError } from '../errors.js';
import { toField } from '../fields.js';
import { if_indextoname } from '../host.js';
import { fileSystemName } from '../text.js';
import { type OptionSocket, requireOption, toSocket } from './socket.js';

function viewOf(bytes: Buffer): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/**
 * Who has the other end of an AF_UNIX connection: the process that called connect(2), listen(2) or
 * socketpair(2), as it was then. unix(7), SO_PEERCRED.
 *
 * @returns process, user and group. Of a socket without a peer the process is 0, and the others
 *   are 4294967295
 */
export function peercred(sock: OptionSocket): Credentials {
  const option = requireOption(SO_PEERCRED, 'SO_PEERCRED');
  const bytes = toSocket(sock).getsockopt(SOL_SOCKET, option, credentials.size);
  const found = credentials.decode(viewOf(bytes));
  if (found === undefined) throw new OSError('the kernel gave no credentials');
  return found;
}

/** IFNAMSIZ without the zero at the end; the kernel would cut what is longer. */
const LONGEST_NAME = 15;
const INT_MAX = 0x7fff_ffff;

function deviceName(device: unknown): string {
  if (device === null) return '';
  return typeof device === 'string' ? device : if_indextoname(toField(device, 'device', INT_MAX));
}

/**
 * Keeps a socket to one network interface: it receives only what comes in there, and sends only
 * through it. socket(7), SO_BINDTODEVICE.
 *
 * @param device the interface by name or number; null for any again
 * @throws PermissionError (EPERM) to change what is set, without CAP_NET_RAW
 * @throws OSError (ENODEV, ENXIO) if there is no such interface
 * @throws ValueError for a name that is longer than interfaces have
 */
export function bind_to_device(sock: OptionSocket, device: string | number | null): void {
  const option = requireOption(SO_BINDTODEVICE, 'SO_BINDTODEVICE');
  const target = toSocket(sock);
  const name = Buffer.from(fileSystemName(deviceName(device)));
  if (name.length > LONGEST_NAME) {
    throw new ValueError(`device: a name has at most ${LONGEST_NAME} bytes, not ${name.length}`);
  }
  // A name of no bytes means any, but not a value of no bytes.
  target.setsockopt(SOL_SOCKET, option, Buffer.concat([name, Buffer.alloc(1)]));
}

const ADDRESS_BYTES = 16;
const ADDRESS6_BYTES = 28;

/**
 * Where a redirected connection was meant to go, for transparent proxies: the address before
 * netfilter's REDIRECT or DNAT.
 *
 * @param sock an accepted connection
 * @returns `[host, port]`, for IPv6 `[host, port, flowinfo, scope_id]`
 * @throws OSError (ENOENT, ENOPROTOOPT) if netfilter does not know of the connection
 */
export function original_dst(
  sock: OptionSocket & { getsockname(): unknown },
): [host: string, port: number] | [host: string, port: number, flow: number, scope: number] {
  const connection = toSocket(sock);
  if (connection.family === AF_INET6 && !isMapped(sock.getsockname())) {
    const option = requireOption(IP6T_SO_ORIGINAL_DST, 'IP6T_SO_ORIGINAL_DST');
    return decodeAddress6(viewOf(connection.getsockopt(SOL_IPV6, option, ADDRESS6_BYTES)));
  }
  const option = requireOption(SO_ORIGINAL_DST, 'SO_ORIGINAL_DST');
  return decodeAddress4(viewOf(connection.getsockopt(SOL_IP, option, ADDRESS_BYTES)));
}

/** Whether a connection of IPv4 was accepted by a socket of both kinds. */
function isMapped(address: unknown): boolean {
  const host: unknown = Array.isArray(address) ? address[0] : undefined;
  return typeof host === 'string' && host.startsWith('::ffff:');
}

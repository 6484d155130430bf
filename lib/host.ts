// This host: its name and its network interfaces.

import { OSError, OverflowError, osError } from './errors.js';
import { native } from './native.js';
import { fileSystemName, fileSystemText } from './text.js';
import { checkCount, integerOf } from './types.js';

/**
 * The name of this host. Like Python's `socket.gethostname`; gethostname(2).
 *
 * @throws OSError if the system refuses
 */
export function gethostname(): string;
export function gethostname(...args: unknown[]): string {
  checkCount('_socket.gethostname', args, 0);
  const name = native.hostName();
  if (typeof name === 'number') throw osError(name, 'gethostname');
  return fileSystemText(name);
}

/**
 * Names this host, for which the process needs CAP_SYS_ADMIN. Like Python's
 * `socket.sethostname`; sethostname(2).
 *
 * @param name a string or a `Buffer`, at most 64 bytes on Linux
 * @throws PermissionError (EPERM), OSError (EINVAL) for a name that is too long
 */
export function sethostname(name: string | Buffer): void;
export function sethostname(...args: unknown[]): void {
  checkCount('sethostname', args, 1);
  const [name] = args;
  // The system takes any bytes here, while a string must not have a NUL.
  const result = native.setHostName(Buffer.isBuffer(name) ? name : fileSystemName(name));
  if (result < 0) throw osError(result, 'sethostname');
}

/**
 * All network interfaces as `[index, name]`. Like Python's `socket.if_nameindex`;
 * if_nameindex(3).
 *
 * @throws OSError if the system refuses
 */
export function if_nameindex(): [index: number, name: string][];
export function if_nameindex(...args: unknown[]): [index: number, name: string][] {
  checkCount('_socket.if_nameindex', args, 0);
  const list = native.interfaces();
  if (typeof list === 'number') throw osError(list, 'if_nameindex');
  return list.map(([index, name]) => [index, fileSystemText(name)]);
}

/**
 * The number of a network interface. Like Python's `socket.if_nametoindex`;
 * if_nametoindex(3).
 *
 * @param if_name a string or a `Buffer`
 * @throws OSError (without a number) if there is no such interface
 */
export function if_nametoindex(if_name: string | Buffer): number;
export function if_nametoindex(...args: unknown[]): number {
  checkCount('_socket.if_nametoindex', args, 1);
  const index = native.interfaceIndex(fileSystemName(args[0]));
  if (index === 0) throw new OSError('no interface with this name');
  return index;
}

const UNSIGNED_MAX = 0xffff_ffff;
const UNSIGNED_LONG_MAX = 0xffff_ffff_ffff_ffffn;

/**
 * The name of a network interface. Like Python's `socket.if_indextoname`;
 * if_indextoname(3).
 *
 * @param if_index the interface's number, 1 or more
 * @throws OSError (ENXIO) if there is no such interface, OverflowError for a number that is no C
 *   unsigned int
 */
export function if_indextoname(if_index: number | bigint): string;
export function if_indextoname(...args: unknown[]): string {
  checkCount('_socket.if_indextoname', args, 1);
  const index = integerOf(args[0]);
  if (index === undefined) throw new TypeError('an integer is required');
  if (index < 0) throw new OverflowError("can't convert negative value to unsigned int");
  if (index > UNSIGNED_LONG_MAX) {
    throw new OverflowError('Python int too large to convert to C unsigned long');
  }
  if (index > UNSIGNED_MAX) throw new OverflowError('index is too large');
  const name = native.interfaceName(Number(index));
  if (typeof name === 'number') throw osError(name, 'if_indextoname');
  return fileSystemText(name);
}

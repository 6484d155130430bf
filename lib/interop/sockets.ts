// Which sockets can become something of Node's: connected streams that this library owns.

import { SO_ACCEPTCONN, SOCK_STREAM, SOL_SOCKET } from '../constants.js';
import { osError, ValueError } from '../errors.js';
import { errnos } from '../native.js';
import type { Descriptor } from '../socket/descriptor.js';
import { DESCRIPTOR, Endpoint } from '../socket/endpoint.js';
import { getOption } from '../socket/options.js';
import { typeName } from '../types.js';
import { BorrowedSocket } from './borrowed.js';

const BAD_DESCRIPTOR = -(errnos.EBADF as number);

/**
 * The descriptor of a connected stream socket.
 *
 * @param caller the function whose argument it is, for the texts of errors
 * @throws TypeError for anything but a socket of either flavour, ValueError for another kind of
 *   socket, OSError (EBADF) for a closed one
 */
export function streamDescriptor(sock: unknown, caller: string): Descriptor {
  if (!(sock instanceof Endpoint) || sock instanceof BorrowedSocket) {
    throw new TypeError(`${caller}() argument 1 must be socket, not ${typeName(sock)}`);
  }
  const descriptor = sock[DESCRIPTOR];
  if (descriptor.fd < 0) throw osError(BAD_DESCRIPTOR, 'fstat');
  if (descriptor.type !== SOCK_STREAM) {
    throw new ValueError('only SOCK_STREAM type sockets are supported');
  }
  if (getOption(descriptor, SOL_SOCKET, SO_ACCEPTCONN, undefined) !== 0) {
    throw new ValueError('a listening socket is no stream; accept() gives sockets that are');
  }
  return descriptor;
}

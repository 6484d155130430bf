// What the functions of both flavours do before and after their calls.

import { isLittleEndian } from './builtins.js';
import { AF_UNIX, SCM_RIGHTS, SOCK_STREAM, SOL_SOCKET } from './constants.js';
import { CMSG_LEN } from './descriptors.js';
import { osError } from './errors.js';
import { toIterable } from './io/arguments.js';
import { native } from './native.js';
import { methodOf } from './socket/arguments.js';
import { integerOf, notAnInteger, toInt, withOptions } from './types.js';

const SOCKETPAIR = { name: 'socketpair', names: ['family', 'type', 'proto'] };
const FROMFD = { name: 'fromfd', names: ['fd', 'family', 'type', 'proto'], required: 3 };
const SEND_FDS = {
  name: 'send_fds',
  names: ['sock', 'buffers', 'fds', 'flags', 'address'],
  required: 3,
};
const RECV_FDS = { name: 'recv_fds', names: ['sock', 'bufsize', 'maxfds', 'flags'], required: 3 };
const INT_BYTES = Int32Array.BYTES_PER_ELEMENT;

/** The two sockets of `socketpair`, made by the flavour's `make`. */
export function openPair<S>(
  make: (fd: number, family: number, type: number, proto: number) => S,
  given: readonly unknown[],
): [S, S] {
  const [family, type, proto] = withOptions(SOCKETPAIR, given);
  const kind = family === null || family === undefined ? AF_UNIX : toInt(family, 'signed');
  const style = type === undefined ? SOCK_STREAM : toInt(type, 'signed');
  const protocol = proto === undefined ? 0 : toInt(proto, 'signed');
  const fds = native.socketpair(kind, style, protocol);
  if (typeof fds === 'number') throw osError(fds, 'socketpair');
  const first = make(fds[0], kind, style, protocol);
  return [first, make(fds[1], kind, style, protocol)];
}

/** The socket of `fromfd`, made on a copy of the descriptor by the flavour's `make`. */
export function openCopy<S>(
  make: (family: number, type: number, proto: number, fd: number) => S,
  given: readonly unknown[],
): S {
  const [fd, family, type, proto = 0] = withOptions(FROMFD, given);
  const copy = native.dup(toInt(fd));
  if (copy < 0) throw osError(copy, 'dup');
  try {
    return make(family as number, type as number, proto as number, copy);
  } catch (error) {
    native.close(copy);
    throw error;
  }
}

/** Calls `sendmsg` for `send_fds`: what that gives, a number or a promise. */
export function sendDescriptors(given: readonly unknown[]): unknown {
  const [sock, buffers, fds, flags = 0, address = null] = withOptions(SEND_FDS, given);
  const numbers = Int32Array.from(Array.from(toIterable(fds), (fd) => toInt(fd, 'signed')));
  const sendmsg = methodOf(sock, 'sendmsg');
  return sendmsg(buffers, [[SOL_SOCKET, SCM_RIGHTS, numbers]], flags, address);
}

/** Calls `recvmsg` for `recv_fds`: what that gives, a message or a promise. */
export function receiveDescriptors(given: readonly unknown[]): unknown {
  const [sock, bufsize, maxfds, flags = 0] = withOptions(RECV_FDS, given);
  const count = integerOf(maxfds);
  if (count === undefined) throw notAnInteger(maxfds);
  const room = CMSG_LEN(Number(count) * INT_BYTES);
  return methodOf(sock, 'recvmsg')(bufsize, room, flags);
}

/** A received message: data, control messages, flags and the sender's address. */
type Message = [Buffer, (readonly [number, number, Buffer])[], number, unknown];

/** The message of `recv_fds`, with the descriptors of its SCM_RIGHTS messages. */
export function withDescriptors(message: unknown): [Buffer, number[], number, unknown] {
  const [data, ancdata, flags, address] = message as Message;
  const fds: number[] = [];
  for (const [level, type, bytes] of ancdata) {
    if (level !== SOL_SOCKET || type !== SCM_RIGHTS) continue;
    const whole = bytes.length - (bytes.length % INT_BYTES);
    const view = new DataView(bytes.buffer, bytes.byteOffset, whole);
    for (let at = 0; at < whole; at += INT_BYTES) fds.push(view.getInt32(at, isLittleEndian));
  }
  return [data, fds, flags, address];
}

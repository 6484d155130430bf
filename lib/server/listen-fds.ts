// `listen_fds`: the sockets that systemd, inetd or another supervisor has opened for this process.

import { SO_ACCEPTCONN, SOCK_DGRAM, SOL_SOCKET } from '../constants.js';
import { OSError, ValueError } from '../errors.js';
import { native, strerror } from '../native.js';
import { socket } from '../socket/blocking.js';
import { withOptions } from '../types.js';

/** A socket that a supervisor has opened. */
export interface ListenSocket {
  /** What the supervisor calls it; `'unknown'` if it does not say. */
  readonly name: string;
  /** The socket, which is this process's to close. */
  readonly socket: socket<number>;
}

/** The first descriptor that a supervisor passes; sd_listen_fds(3). */
const FIRST = 3;
const VARIABLES = ['LISTEN_PID', 'LISTEN_FDS', 'LISTEN_FDNAMES'];

const SIGNATURE = { name: 'listen_fds', names: ['unset_environment'] };

/** The number in an environment variable. */
function numberIn(name: string): number {
  const text = process.env[name] ?? '';
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new ValueError(`${name} should be a number, not '${text}'`);
}

/** How many descriptors were passed to this process. */
function countPassed(): number {
  if (process.env.LISTEN_FDS === undefined || process.env.LISTEN_PID === undefined) return 0;
  // What a parent left in the environment was meant for the parent.
  return numberIn('LISTEN_PID') === process.pid ? numberIn('LISTEN_FDS') : 0;
}

function take(fd: number): socket<number> {
  const kind = native.identify(fd);
  if (typeof kind === 'number') {
    throw new OSError(-kind, `${strerror(-kind)}: descriptor ${fd} of LISTEN_FDS`);
  }
  const sock = new socket<number>({ fileno: fd });
  // They come without close-on-exec, and no child should keep a port open.
  sock.set_inheritable(false);
  return sock;
}

/**
 * The listener that inetd(8) in its "wait" mode leaves on the standard input: a copy of it, since
 * Node.js does not survive the closing of descriptor 0.
 */
function copyInput(): ListenSocket[] {
  const fd = typeof native.identify(0) === 'number' ? -1 : native.dup(0);
  if (fd < 0) return [];
  const sock = new socket<number>({ fileno: fd });
  if (isServer(sock)) return [{ name: 'stdin', socket: sock }];
  sock.close();
  return [];
}

/** Whether it listens, or takes datagrams from anybody. */
function isServer(sock: socket<number>): boolean {
  try {
    sock.getpeername();
    return false;
  } catch {}
  return sock.type === SOCK_DGRAM || sock.getsockopt(SOL_SOCKET, SO_ACCEPTCONN) !== 0;
}

/** The names that the supervisor gave. */
function namesPassed(): string[] {
  const text = process.env.LISTEN_FDNAMES;
  return text === undefined ? [] : text.split(':');
}

/**
 * Takes over the sockets that a supervisor has opened for this process, so that a restart of it
 * drops no connection: those of systemd's socket units and of whoever else sets LISTEN_FDS, or a
 * copy of the listener that inetd in its "wait" mode leaves on the standard input. Like systemd's
 * `sd_listen_fds(3)`.
 *
 * ```ts
 * const [passed] = listen_fds();
 * const server = new TCPServer(passed.socket.getsockname(), Handler, false);
 * server.socket = passed.socket;
 * ```
 *
 * @param unset_environment false leaves LISTEN_FDS and its relatives for child processes and for
 *   another call; otherwise they are removed from the environment
 * @returns the sockets in the supervisor's order, close-on-exec; none if nobody passed any
 * @throws OSError if a descriptor is not open or no socket, ValueError for variables that are no
 *   numbers
 */
export function listen_fds(unset_environment?: boolean): ListenSocket[];
export function listen_fds(options: { unset_environment?: boolean }): ListenSocket[];
export function listen_fds(...given: unknown[]): ListenSocket[] {
  const [isUnset = true] = withOptions(SIGNATURE, given);
  if (process.env.LISTEN_FDS === undefined) return copyInput();
  const count = countPassed();
  const names = namesPassed();
  const passed: ListenSocket[] = [];
  try {
    for (let index = 0; index < count; index += 1) {
      passed.push({ name: names[index] || 'unknown', socket: take(FIRST + index) });
    }
  } catch (error) {
    for (const { socket } of passed) socket.detach();
    throw error;
  }
  if (isUnset) for (const name of VARIABLES) delete process.env[name];
  return passed;
}

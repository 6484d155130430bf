// Taking what waits in a socket and in its queue of errors, with the kernel's times.

import * as socket from 'berkeley-sockets';
import * as ancillary from 'berkeley-sockets/ancillary';
import { wait_readable } from 'berkeley-sockets/promises';

const ROOM = 65536;
const ANCILLARY_ROOM = 512;
const NANOSECONDS = 1e6;

type Item = ancillary.AncillaryItem;

/** Milliseconds since 1970, by the clock of the kernel's timestamps, to a microsecond or so. */
export const clock = (): number => performance.timeOrigin + performance.now();

/** When a message came, by SO_TIMESTAMPNS; the present where the kernel did not say. */
export function arrival(ancdata: Iterable<Item>): number {
  const at = ancillary.get(ancdata, 'SO_TIMESTAMPNS');
  return at === undefined ? clock() : Number(at) / NANOSECONDS;
}

/** Why a message could not be delivered, where it says so. */
export function errorOf(ancdata: Iterable<Item>) {
  return ancillary.get(ancdata, 'IP_RECVERR') ?? ancillary.get(ancdata, 'IPV6_RECVERR');
}

/** An error of the queue of errors. */
export type DeliveryError = NonNullable<ReturnType<typeof errorOf>>;

/** An address of IPv4, or of IPv6 with its scope. */
export type Address = readonly [host: string, port: number, flowinfo?: number, scope_id?: number];

/** The host of an address, with the interface where only that makes it complete: `fe80::1%eth0`. */
export function textOf([host, , , scope = 0]: Address): string {
  return scope === 0 || host.includes('%') ? host : `${host}%${socket.if_indextoname(scope)}`;
}

/** Waits until there is something to take; false after so many seconds, or Ctrl-C. */
export async function somethingCame(
  sock: socket.socket<number>,
  timeout: number | null,
  signal: AbortSignal,
): Promise<boolean> {
  try {
    await wait_readable(sock, { timeout: timeout && Math.max(timeout, 0), signal });
    return true;
  } catch (error) {
    if (signal.aborted || error instanceof socket.TimeoutError) return false;
    throw error;
  }
}

/** Takes the messages that are there, with MSG_ERRQUEUE those of the queue of errors. */
export function* messages(sock: socket.socket<number>, flags = 0) {
  for (;;) {
    try {
      yield sock.recvmsg(ROOM, ANCILLARY_ROOM, flags | socket.MSG_DONTWAIT);
    } catch (error) {
      if (error instanceof socket.BlockingIOError) return;
      // It tells only once that there is an error; all of it is in the queue of errors.
      if (!(error instanceof socket.OSError) || flags !== 0) throw error;
    }
  }
}

/**
 * Sends a message, even if an earlier one failed: the kernel tells that in the next call once.
 *
 * @returns when it went
 */
export function send(sock: socket.socket<number>, message: Uint8Array, address: Address): number {
  const at = clock();
  try {
    sock.sendto(message, address as [string, number]);
    return at;
  } catch (error) {
    if (!(error instanceof socket.OSError)) throw error;
    sock.sendto(message, address as [string, number]);
    return at;
  }
}

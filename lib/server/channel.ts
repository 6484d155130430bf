// The channel between a server and its workers: requests one way, reports of them the other way.

import { OSError, osError } from '../errors.js';
import { socketpair } from '../functions.js';
import { constants, errnos, native, sendTransfer, transmit } from '../native.js';
import { perform } from '../reactor.js';
import type { socket } from '../socket/blocking.js';
import * as calls from '../socket/calls.js';
import { ATTEMPT, PENDING, type Pending } from '../socket/compose.js';
import type { Descriptor } from '../socket/descriptor.js';
import { DESCRIPTOR } from '../socket/endpoint.js';
import { compose, Inbox, type OutgoingRequest, PASSED_DESCRIPTOR } from './request-message.js';

const AF_UNIX = constants.AF_UNIX as number;
const SOCK_SEQPACKET = constants.SOCK_SEQPACKET as number;
const SOL_SOCKET = constants.SOL_SOCKET as number;
const SO_SNDBUF = constants.SO_SNDBUF as number;
const SO_RCVTIMEO = constants.SO_RCVTIMEO as number;
const SCM_RIGHTS = constants.SCM_RIGHTS as number;
const MSG_DONTWAIT = constants.MSG_DONTWAIT as number;
const MSG_PEEK = constants.MSG_PEEK as number;
const SHUT_WR = constants.SHUT_WR as number;
const SHUT_RDWR = constants.SHUT_RDWR as number;

/** The kernel grants as much as net.core.wmem_max allows. */
const ROOM = 1024 * 1024;
/** Milliseconds that an idle worker sleeps in one call; its event loop turns in between. */
const SLICE = 100;

/** What a worker reports. */
export const TAKEN = 1;
export const DONE = 2;
/** Done, and the worker ends. */
export const LEAVING = 3;
/** Told to end, and the worker does. */
export const RETIRED = 4;
const REPORT_WORDS = 2;

/** A struct timeval of that many milliseconds. */
function timeval(milliseconds: number): Buffer {
  const bytes = Buffer.alloc(16);
  bytes.writeBigInt64LE(BigInt(Math.floor(milliseconds / 1000)), 0);
  bytes.writeBigInt64LE(BigInt(milliseconds % 1000) * 1000n, 8);
  return bytes;
}

/** The server's side. It holds the workers' end, too, so that requests wait for a new worker. */
export class Channel {
  readonly #requests: socket<number>;
  readonly #workers: socket<number>;
  readonly #report = new Int32Array(REPORT_WORDS);
  readonly #reportBytes = new Uint8Array(this.#report.buffer);

  /** @param longest bytes of the longest message that workers have room for */
  constructor(readonly longest: number) {
    // With message boundaries, and the end of one side seen by the other (unix(7)).
    [this.#requests, this.#workers] = socketpair(AF_UNIX, SOCK_SEQPACKET);
    try {
      for (const end of [this.#requests, this.#workers]) {
        end.settimeout(null);
        end.setsockopt(SOL_SOCKET, SO_SNDBUF, ROOM);
      }
      this.#workers.setsockopt(SOL_SOCKET, SO_RCVTIMEO, timeval(SLICE));
    } catch (error) {
      this.close();
      throw error;
    }
  }

  /** The descriptor that all workers take requests from. */
  get workersEnd(): number {
    return this.#workers.fileno();
  }

  /**
   * Sends a message unless the channel is full.
   *
   * @throws OSError if it cannot be sent, above all because it is too long
   */
  trySend(bytes: Buffer): boolean {
    this.#requireRoom(bytes);
    const sent = transmit(sendTransfer, this.#requests.fileno(), bytes, MSG_DONTWAIT, 0);
    return this.#judge(sent);
  }

  /** Sends a request to a thread of this process, where the connection has the same number. */
  trySendNumber(request: OutgoingRequest): boolean {
    const descriptor = request.connection?.[DESCRIPTOR];
    // A worker would take it for one whose descriptor was lost on the way.
    if (descriptor && descriptor.fd < 0) throw osError(-(errnos.EBADF as number), 'send');
    if (!this.trySend(compose(request, descriptor?.fd ?? -1))) return false;
    descriptor?.pass();
    return true;
  }

  /** Sends a request to another process, which gets a copy of the connection. */
  trySendCopy(request: OutgoingRequest): boolean {
    const { connection } = request;
    const bytes = compose(request, PASSED_DESCRIPTOR);
    if (connection === undefined) return this.trySend(bytes);
    this.#requireRoom(bytes);
    const rights = new Uint8Array(Int32Array.of(connection.fileno()).buffer);
    const items = [[SOL_SOCKET, SCM_RIGHTS, rights]] as const;
    const fd = this.#requests.fileno();
    return this.#judge(native.sendmsg(fd, [bytes], items, MSG_DONTWAIT, 0, false));
  }

  /** A worker could not read what was cut off. */
  #requireRoom(bytes: Buffer): void {
    if (bytes.length > this.longest) throw osError(-(errnos.EMSGSIZE as number), 'send');
  }

  #judge(sent: number): boolean {
    if (sent >= 0) return true;
    if (sent === calls.WOULD_BLOCK) return false;
    throw osError(sent, 'send');
  }

  /**
   * Reads the reports that have come; how many there were. An error is that of this attempt alone:
   * neither the request that has just been sent nor the server's loop fails for it.
   */
  readReports(apply: (worker: number, what: number) => void): number {
    const { [DESCRIPTOR]: descriptor } = this.#requests;
    for (let count = 0; ; count += 1) {
      const bytes = this.#reportBytes;
      const length = receive(descriptor, bytes);
      if (length === PENDING || length === 0) return count;
      apply(this.#report[0] as number, this.#report[1] as number);
    }
  }

  /** Waits until `read` has read a report. */
  waitForReport(read: () => number, signal: AbortSignal): Promise<unknown> {
    const attempt = () => (read() > 0 ? true : PENDING);
    return perform(this.#requests.fileno(), 'read', -1, attempt, signal);
  }

  /** No request follows: a worker ends when it has taken what there is. */
  end(): void {
    try {
      this.#requests.shutdown(SHUT_WR);
    } catch (error) {
      if (!(error instanceof OSError)) throw error;
      // Workers see the end all the same; only nobody hears their last reports.
      this.#requests.close();
    }
  }

  /** Whether there is no request that waits for a worker. */
  get isEmpty(): boolean {
    const length = receive(this.#workers[DESCRIPTOR], this.#reportBytes, MSG_PEEK);
    return length === PENDING || length === 0;
  }

  /** Wakes all workers that wait here, for the end of the process. */
  wake(): void {
    if (!this.#requests._closed) this.#requests.shutdown(SHUT_RDWR);
  }

  /** Drops the requests before the end that nobody will take, with their connections; how many. */
  discard(): number {
    const inbox = new Inbox(256);
    let count = 0;
    while (native.take(this.#workers.fileno(), inbox.bytes) > 0) {
      if (inbox.descriptor >= 0) native.close(inbox.descriptor);
      count += 1;
    }
    return count;
  }

  close(): void {
    closeOwn(this.#requests);
    closeOwn(this.#workers);
  }
}

/** Closes a socket that no user has. Whatever close(2) says, the descriptor is gone. */
export function closeOwn(sock: socket<number>): void {
  try {
    sock.close();
  } catch (error) {
    if (!(error instanceof OSError)) throw error;
  }
}

/** Receives one message; nothing where that fails. */
function receive(descriptor: Descriptor, bytes: Uint8Array, flags = 0): number | Pending {
  try {
    return calls.recvInto(descriptor, ATTEMPT, bytes, bytes.length, flags);
  } catch (error) {
    if (error instanceof OSError) return PENDING;
    throw error;
  }
}

const report = new Int32Array(REPORT_WORDS);
const reportBytes = new Uint8Array(report.buffer);

/** A worker tells the server what it does; false if the server is gone. */
export function sendReport(channel: number, worker: number, what: number): boolean {
  report[0] = worker;
  report[1] = what;
  return transmit(sendTransfer, channel, reportBytes, 0, -1) >= 0;
}

// What the kernel says about a descriptor of this process.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { setImmediate as turn } from 'node:timers/promises';
import * as socket from 'berkeley-sockets';
import { native } from '#lib/native.js';

const NON_BLOCKING = 0o4000;
const CLOSE_ON_EXEC = 0o2000000;

function flagsOf(fd: number): number {
  const line = /^flags:\s*([0-7]+)$/m.exec(readFileSync(`/proc/self/fdinfo/${fd}`, 'utf8'));
  return Number.parseInt(line?.[1] ?? '', 8);
}

/** Whether O_NONBLOCK is set. */
export function isNonBlocking(sock: { fileno(): number }): boolean {
  return (flagsOf(sock.fileno()) & NON_BLOCKING) !== 0;
}

/** Whether child processes inherit the descriptor. */
export function isInherited(sock: { fileno(): number }): boolean {
  return (flagsOf(sock.fileno()) & CLOSE_ON_EXEC) === 0;
}

/** Closes a number as a library of others would: this package hears nothing of it. */
export function closeUnseen(fd: number): void {
  assert.equal(native.close(fd), 0);
}

/** Waits until data, its end or an error has arrived on a connection or a datagram socket. */
export function untilReadable(sock: socket.socket<number>): void {
  const timeout = sock.gettimeout();
  sock.settimeout(10);
  try {
    sock.recv(1, socket.MSG_PEEK);
  } finally {
    sock.settimeout(timeout);
  }
}

/** Waits until a TCP socket that does not wait is connected, or cannot be. */
export async function untilAttempted(sock: socket.socket<number>): Promise<void> {
  const SYN_SENT = 2;
  while (sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 1)[0] === SYN_SENT) await turn();
}

/** Waits until a connection is in the queue of a TCP listener. */
export async function untilQueued(sock: socket.socket<number>): Promise<void> {
  // Of a listener tcpi_unacked is the length of the queue (tcp_get_info in the kernel's tcp.c).
  const QUEUE_OFFSET = 24;
  const length = () =>
    sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 104).readUInt32LE(QUEUE_OFFSET);
  while (length() === 0) await turn();
}

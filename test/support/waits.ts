// For each call that may wait a socket on which it does, and what another thread does to end that.

import { closeSync, openSync, writeFileSync } from 'node:fs';
import type { TestContext } from 'node:test';
import * as socket from 'berkeley-sockets';
import { fullListener, fullUnixListener } from './hanging.js';
import { closing, listener, pair, tcpPair, udp, unixPath } from './sockets.js';
import type { SocketCall } from './threads.js';

/** A call that has to wait, what ends that, and what the call gives then. */
export interface Wait {
  readonly call: SocketCall;
  readonly actions: readonly SocketCall[];
  readonly value: unknown;
}

const byte = Buffer.from('x');
const data = Buffer.from('data');

function fillNow(sock: socket.socket<number>, piece: Buffer): number {
  let total = 0;
  try {
    for (;;) total += sock.send(piece, socket.MSG_DONTWAIT);
  } catch (error) {
    if (error instanceof socket.BlockingIOError) return total;
    throw error;
  }
}

/** Whether bytes of a TCP connection are on their way; they make room when they have arrived. */
function isSending(sock: socket.socket<number>): boolean {
  if (sock.family !== socket.AF_INET || sock.type !== socket.SOCK_STREAM) return false;
  const UNACKED_OFFSET = 24;
  const info = sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 104);
  return info.readUInt32LE(UNACKED_OFFSET) > 0;
}

/** Sends until nothing more goes before the peer receives; how many bytes went. */
export function fill(sock: socket.socket<number>, piece = Buffer.alloc(65536)): number {
  const end = performance.now() + 5000;
  let total = 0;
  for (;;) {
    const sent = fillNow(sock, piece);
    total += sent;
    if (sent === 0) return total;
    while (isSending(sock)) {
      if (performance.now() > end) throw new Error('what was sent does not arrive');
    }
  }
}

/** A stream into which nothing more goes until its peer has received. */
function fullPair(context: TestContext) {
  const [sock, peer] = pair(context);
  return { sock, receive: [peer, 'receive', fill(sock)] as const };
}

function sending(method: string, args: unknown[], value: unknown) {
  return (context: TestContext): Wait => {
    const { sock, receive } = fullPair(context);
    return { call: [sock, method, ...args], actions: [receive], value };
  };
}

function receiving(method: string, args: () => unknown[], value: (from: unknown) => unknown) {
  return (context: TestContext): Wait => {
    const sock = udp(context);
    const sender = udp(context);
    return {
      call: [sock, method, ...args()],
      actions: [[sender, 'sendto', data, sock.getsockname()]],
      value: value(sender.getsockname()),
    };
  };
}

/** A file that is open until the test ends. */
export function openFile(context: TestContext, size: number): number {
  const path = unixPath(context);
  writeFileSync(path, Buffer.alloc(size, 'f'));
  const file = openSync(path, 'r');
  context.after(() => closeSync(file));
  return file;
}

const room = () => [new Uint8Array(9)];

/** The calls that may wait, by name. */
export const WAITS: Readonly<
  Record<string, (context: TestContext, timeout: number | null) => Wait>
> = {
  recv: receiving(
    'recv',
    () => [9],
    () => 'data',
  ),
  recv_into: receiving('recv_into', room, () => 4),
  recvfrom: receiving(
    'recvfrom',
    () => [9],
    (from) => ['data', from],
  ),
  recvfrom_into: receiving('recvfrom_into', room, (from) => [4, from]),
  recvmsg: receiving(
    'recvmsg',
    () => [9],
    (from) => ['data', [], 0, from],
  ),
  recvmsg_into: receiving(
    'recvmsg_into',
    () => [room()],
    (from) => [4, [], 0, from],
  ),
  send: sending('send', [byte], 1),
  sendall: sending('sendall', [byte], undefined),
  sendmsg: sending('sendmsg', [[byte]], 1),
  sendto(context) {
    const path = unixPath(context);
    const receiver = closing(context, new socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM));
    receiver.bind(path);
    const sock = closing(context, new socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM));
    sock.connect(path);
    fill(sock, byte);
    return { call: [sock, 'sendto', byte, path], actions: [[receiver, 'recv', 1]], value: 1 };
  },
  accept(context) {
    const sock = listener(context);
    const client = closing(context, new socket.socket());
    client.bind(['127.0.0.1', 0]);
    return {
      call: [sock, 'accept'],
      actions: [[client, 'connect', sock.getsockname()]],
      value: ['socket', client.getsockname()],
    };
  },
  // An AF_UNIX attempt waits only without a timeout, and a TCP one for the kernel's next attempt.
  connect(context, timeout) {
    if (timeout === null) {
      const { server, path } = fullUnixListener(context);
      const sock = closing(context, new socket.socket(socket.AF_UNIX));
      return { call: [sock, 'connect', path], actions: [[server, 'accept']], value: undefined };
    }
    const { server, address } = fullListener(context);
    const sock = closing(context, new socket.socket());
    return { call: [sock, 'connect', address], actions: [[server, 'accept']], value: undefined };
  },
  sendfile(context) {
    const { sock, receive } = fullPair(context);
    return { call: [sock, 'sendfile', openFile(context, 10)], actions: [receive], value: 10 };
  },
};

const STREAM_ARGUMENTS: Readonly<Record<string, () => unknown[]>> = {
  recv: () => [9],
  recv_into: room,
  recvfrom: () => [9],
  recvfrom_into: room,
  recvmsg: () => [9],
  recvmsg_into: () => [room()],
  send: () => [byte],
  sendall: () => [byte],
  sendto: () => [byte, ['127.0.0.1', 9]],
  sendmsg: () => [[byte]],
};

/** A call of a TCP connection that has to wait, and the connection's two ends. */
export function streamWait(context: TestContext, method: string) {
  const { client, accepted } = tcpPair(context);
  const args =
    method === 'sendfile'
      ? [openFile(context, 10)]
      : (STREAM_ARGUMENTS[method] as () => unknown[])();
  if (method.startsWith('send')) fill(client);
  return { call: [client, method, ...args] as SocketCall, client, peer: accepted };
}

/** The calls of {@link streamWait}. */
export const STREAM_METHODS: readonly string[] = [...Object.keys(STREAM_ARGUMENTS), 'sendfile'];

/** What calls give on a stream that was shut down; those that send get EPIPE. */
export const ENDED: Readonly<Record<string, { value: unknown }>> = {
  recv: { value: '' },
  recv_into: { value: 0 },
  recvfrom: { value: ['', null] },
  recvfrom_into: { value: [0, null] },
  recvmsg: { value: ['', [], 0, null] },
  recvmsg_into: { value: [0, [], 0, null] },
};

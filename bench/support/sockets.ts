// Opens the sockets that several of our own contenders measure with.

import { announcePort, measure } from '../harness/measure.js';
import type { Parameters } from '../harness/types.js';

/** Two UDP sockets on the loopback interface, the second connected to the first. */
export async function openDatagramPair() {
  const socket = await import('berkeley-sockets');
  const receiver = new socket.socket(socket.AF_INET, socket.SOCK_DGRAM);
  receiver.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20);
  receiver.bind(['127.0.0.1', 0]);
  const sender = new socket.socket(socket.AF_INET, socket.SOCK_DGRAM);
  sender.connect(receiver.getsockname());
  return { receiver, sender };
}

/** A UDP socket, and the address of one on the loopback interface that nobody reads. */
export async function openUnread() {
  const socket = await import('berkeley-sockets');
  const receiver = new socket.socket(socket.AF_INET, socket.SOCK_DGRAM);
  receiver.bind(['127.0.0.1', 0]);
  const address: [string, number] = ['127.0.0.1', receiver.getsockname()[1]];
  const sender = new socket.socket(socket.AF_INET, socket.SOCK_DGRAM);
  return { receiver, sender, address };
}

/**
 * Opens a listening TCP socket on a free loopback port and tells the harness which.
 *
 * @param backlog how many connections may wait to be accepted
 */
export async function listenAndAnnounce(backlog: number) {
  const socket = await import('berkeley-sockets');
  const listener = new socket.socket(socket.AF_INET, socket.SOCK_STREAM);
  listener.bind(['127.0.0.1', 0]);
  listener.listen(backlog);
  announcePort(listener.getsockname()[1]);
  return listener;
}

/**
 * The same in the promise flavour.
 *
 * @param backlog how many connections may wait to be accepted
 */
export async function listenForPromises(backlog: number) {
  const socket = await import('berkeley-sockets/promises');
  const listener = new socket.socket(socket.AF_INET, socket.SOCK_STREAM);
  await listener.bind(['127.0.0.1', 0]);
  listener.listen(backlog);
  announcePort(listener.getsockname()[1]);
  return listener;
}

/**
 * Opens a TCP connection on the loopback interface, without Nagle's delay.
 *
 * @param port the port to connect to
 */
export async function connectTo(port: number) {
  const socket = await import('berkeley-sockets');
  const connection = new socket.socket(socket.AF_INET, socket.SOCK_STREAM);
  connection.connect(['127.0.0.1', port]);
  connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1);
  return connection;
}

/** Datagrams that fit into the receive buffer of any usual kernel, each counted with its header. */
export const datagramBatch = 256;

/**
 * Returns a function that sends so many messages of `size` bytes to the connected peer.
 *
 * @param sender a connected datagram socket
 */
export function fillQueue(sender: { send(data: Buffer): number }, size: number) {
  const message = Buffer.alloc(size, 'x');
  return (messages: number): void => {
    for (let sent = 0; sent < messages; sent++) {
      sender.send(message);
    }
  };
}

/** Sends datagrams with an address each time, one call each, to a socket that nobody reads. */
export async function sendOneByOne({ count, size }: Parameters) {
  const { sender, address } = await openUnread();
  const message = Buffer.alloc(size, 'x');
  return measure(count, (operations) => {
    for (let sent = 0; sent < operations; sent++) sender.sendto(message, address);
  });
}

// Type test: what the methods of a socket take and give.

import * as socket from 'berkeley-sockets';
import { expectTrue, type Same, some } from './expect.js';

type Unix = typeof socket.AF_UNIX;
type Internet = [host: string, port: number];

declare const inet: socket.socket;
declare const unix: socket.socket<Unix>;
declare const algorithm: socket.socket<typeof socket.AF_ALG>;

export function acceptGivesTheSameFamily(): void {
  const [connection, peer] = unix.accept();
  expectTrue<Same<typeof connection, socket.socket<Unix>>>();
  expectTrue<Same<typeof peer, string | Buffer>>();
  const [, caller] = inet.accept();
  expectTrue<Same<typeof caller, Internet>>();
  const [, nobody] = algorithm.accept();
  expectTrue<Same<typeof nobody, socket.MaybeAddress<typeof socket.AF_ALG>>>();
}

export function copiesAndPairsKeepTheFamily(): void {
  class Special extends socket.socket<Unix> {}
  expectTrue<Same<ReturnType<Special['dup']>, Special>>();
  const [left] = socket.socketpair();
  expectTrue<Same<typeof left, socket.socket<Unix>>>();
  const [tipc] = socket.socketpair(socket.AF_TIPC, socket.SOCK_STREAM);
  expectTrue<Same<typeof tipc, socket.socket<typeof socket.AF_TIPC>>>();
  const copy = socket.fromfd(3, socket.AF_INET6, socket.SOCK_STREAM);
  expectTrue<Same<typeof copy, socket.socket<typeof socket.AF_INET6>>>();
  const byName = socket.fromfd(3, socket.AF_UNIX, socket.SOCK_STREAM, { proto: 0 });
  expectTrue<Same<typeof byName, socket.socket<Unix>>>();
  // @ts-expect-error: what the descriptor is must be said
  socket.fromfd(3);
}

export function everySocketIsASocketType(): void {
  const base: socket.SocketType[] = [inet, unix];
  expectTrue<Same<(typeof base)[0]['family'], number>>();
  const ofUnix: socket.SocketType<Unix> = unix;
  ofUnix.getsockname();
  // @ts-expect-error: its addresses are others
  const wrong: socket.SocketType<Unix> = inet;
  wrong.close();
  // @ts-expect-error: SocketType is for instanceof, not for new
  new socket.SocketType(socket.AF_INET);
}

export function bytesAreAnyBufferAndComeAsBuffer(): void {
  for (const data of [
    Buffer.from('a'),
    new Uint8Array(1),
    new Float64Array(1),
    new DataView(new ArrayBuffer(1)),
    new ArrayBuffer(1),
    new SharedArrayBuffer(1),
  ]) {
    expectTrue<Same<ReturnType<typeof inet.send>, number>>();
    inet.send(data);
    inet.send(data, socket.MSG_DONTWAIT);
    inet.sendall(data);
    inet.recv_into(data);
  }
  // @ts-expect-error: a text has no bytes before it is encoded
  inet.send('text');
  // @ts-expect-error
  inet.sendall('text');
  // @ts-expect-error: numbers in an array are not bytes
  inet.send([1, 2, 3]);
  // @ts-expect-error
  inet.sendall(null);
  // @ts-expect-error: flags are a number
  inet.send(Buffer.alloc(1), 'MSG_DONTWAIT');

  expectTrue<Same<ReturnType<typeof inet.recv>, Buffer>>();
  // @ts-expect-error: the size must be given
  inet.recv();
  expectTrue<Same<ReturnType<typeof inet.recvfrom>, [data: Buffer, address: Internet | null]>>();
}

export function intoTheCallersMemory(): void {
  const memory = new Uint8Array(8);
  const count: number = inet.recv_into(memory, 4, socket.MSG_PEEK);
  inet.recv_into(memory, { nbytes: count, flags: 0 });
  // @ts-expect-error: no such keyword
  inet.recv_into(memory, { bytes: 4 });
  // @ts-expect-error: a text cannot be written to
  inet.recv_into('text');
  const [length, sender] = unix.recvfrom_into(memory);
  expectTrue<Same<typeof length, number>>();
  expectTrue<Same<typeof sender, string | Buffer | null>>();
  const [total, items, flags] = unix.recvmsg_into([memory, new ArrayBuffer(2)], 64);
  expectTrue<Same<[typeof total, typeof flags], [number, number]>>();
  expectTrue<Same<(typeof items)[0][2], Buffer>>();
  // @ts-expect-error: a list of buffers
  unix.recvmsg_into(3);
}

export function sendtoHasTwoOrThreeArguments(): void {
  const data = Buffer.from('a');
  inet.sendto(data, ['127.0.0.1', 7]);
  inet.sendto(data, 0, ['127.0.0.1', 7]);
  unix.sendto(data, '/a/path');
  unix.sendto(data, 0, Buffer.from('\0name'));
  // @ts-expect-error: the address is missing
  inet.sendto(data);
  // @ts-expect-error: the address is missing behind the flags
  inet.sendto(data, 0);
  // @ts-expect-error: the address comes last
  inet.sendto(data, ['127.0.0.1', 7], 0);
  // @ts-expect-error: an address of another family
  inet.sendto(data, '/a/path');
  // @ts-expect-error: an address of another family
  unix.sendto(data, ['127.0.0.1', 7]);
  // @ts-expect-error: a text has no bytes
  inet.sendto('a', ['127.0.0.1', 7]);
  // recvfrom gives null where nobody is named, which is no receiver.
  const [, sender] = inet.recvfrom(1);
  // @ts-expect-error
  inet.sendto(data, sender);
  if (sender !== null) inet.sendto(data, sender);
}

export function messages(): void {
  const data = Buffer.from('a');
  inet.sendmsg([data]);
  inet.sendmsg(new Set([data]), [], 0, ['127.0.0.1', 7]);
  unix.sendmsg([data], [[socket.SOL_SOCKET, socket.SCM_RIGHTS, new Int32Array([0])]]);
  unix.sendmsg([data], [], 0, null);
  // @ts-expect-error: not the bytes themselves, but a list of them
  inet.sendmsg(3);
  // @ts-expect-error: texts are not bytes
  inet.sendmsg(['a']);
  // @ts-expect-error: level, type, bytes
  unix.sendmsg([data], [[socket.SOL_SOCKET, socket.SCM_RIGHTS]]);

  const [bytes, items, flags, sender] = unix.recvmsg(1, socket.CMSG_SPACE(4));
  expectTrue<Same<[typeof bytes, typeof flags], [Buffer, number]>>();
  expectTrue<Same<typeof sender, string | Buffer | null>>();
  for (const [level, type, content] of items) {
    expectTrue<Same<[typeof level, typeof type, typeof content], [number, number, Buffer]>>();
  }

  expectTrue<Same<ReturnType<typeof socket.send_fds>, number>>();
  socket.send_fds(unix, [data], [0, 1], 0, '/a/path');
  // @ts-expect-error: an address of another family
  socket.send_fds(unix, [data], [0], 0, ['127.0.0.1', 7]);
  // @ts-expect-error: descriptors are numbers
  socket.send_fds(unix, [data], ['0']);
  const [, fds, , origin] = socket.recv_fds(unix, 1, 2);
  expectTrue<Same<typeof fds, number[]>>();
  expectTrue<Same<typeof origin, string | Buffer | null>>();
}

export function optionsAreNumbersOrBytes(): void {
  const number = inet.getsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF);
  expectTrue<Same<typeof number, number>>();
  const same = inet.getsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 0);
  expectTrue<Same<typeof same, number>>();
  const bytes = inet.getsockopt(socket.SOL_SOCKET, socket.SO_LINGER, 8);
  expectTrue<Same<typeof bytes, Buffer>>();
  const counted = inet.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, some<number>());
  expectTrue<Same<typeof counted, Buffer>>();
  // @ts-expect-error: options are numbers
  inet.getsockopt('SOL_SOCKET', 'SO_RCVBUF');

  inet.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1);
  inet.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, true);
  inet.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, new Int32Array([1, 5]));
  inet.setsockopt(socket.SOL_ALG, socket.ALG_SET_AEAD_AUTHSIZE, null, 16);
  // @ts-expect-error: null needs a length
  inet.setsockopt(socket.SOL_ALG, socket.ALG_SET_AEAD_AUTHSIZE, null);
  // @ts-expect-error: a length goes with null only
  inet.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1, 4);
  // @ts-expect-error: a text is no value
  inet.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, 'lo');
}

export function timeoutsAreSecondsOrNull(): void {
  inet.settimeout(0.5);
  inet.settimeout(null);
  // @ts-expect-error: None of Python is null
  inet.settimeout(undefined);
  // @ts-expect-error: seconds are a number
  inet.settimeout('5');
  expectTrue<Same<ReturnType<typeof inet.gettimeout>, number | null>>();
  expectTrue<Same<typeof inet.timeout, number | null>>();
  expectTrue<Same<ReturnType<typeof inet.getblocking>, boolean>>();
  inet.setblocking(false);
  // @ts-expect-error: true or false
  inet.setblocking(0.5);
}

export function whatIsReadCannotBeSet(): void {
  expectTrue<Same<ReturnType<typeof inet.fileno>, number>>();
  expectTrue<Same<ReturnType<typeof inet.detach>, number>>();
  expectTrue<Same<ReturnType<typeof inet.connect_ex>, number>>();
  // @ts-expect-error
  inet.timeout = 5;
  // @ts-expect-error
  inet.family = socket.AF_UNIX;
  using closes = new socket.socket();
  closes.listen();
  // @ts-expect-error: the backlog is a number
  closes.listen('5');
  // @ts-expect-error: which direction must be said
  closes.shutdown();
}

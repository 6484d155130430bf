// Every method of a socket in every state of a socket, non-blocking: the result or the error.

import '../support/leaks.js';
import assert from 'node:assert/strict';
import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { constants, tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import * as socket from 'berkeley-sockets';
import { untilReadable } from '../support/descriptors.js';
import { openDescriptors } from '../support/leaks.js';
import { columns, TCP, UDP, UNIX } from '../support/states.js';

const { AF_INET, AF_UNIX, SOCK_DGRAM, SOCK_STREAM, SOL_SOCKET } = socket;

type Socket = socket.socket<number>;

const errnoNames = new Map(Object.entries(constants.errno).map(([name, value]) => [value, name]));

const directory = mkdtempSync(join(tmpdir(), 'berkeley-'));
const file = join(directory, 'file');
writeFileSync(file, '0123456789');
after(() => rmSync(directory, { recursive: true }));

let paths = 0;

type Target = socket.AddressInput<number>;

/** An address to bind to. */
function freeAddress(family: number): Target {
  paths += 1;
  return family === AF_UNIX ? join(directory, `${paths}`) : ['127.0.0.1', 0];
}

/** A socket in some state, what it may connect or send to, and what has to be closed behind it. */
interface Scene {
  readonly sock: Socket;
  readonly target: Target;
  readonly others: { close(): unknown }[];
}

function connected(family: number, type: number, server: Socket): [Socket, Socket] {
  if (family === AF_UNIX) return socket.socketpair(family, type);
  const sock = new socket.socket(family, type);
  sock.connect(server.getsockname());
  return [sock, type === SOCK_STREAM ? server.accept()[0] : server];
}

function setScene(family: number, type: number, state: string): Scene {
  const server = new socket.socket(family, type);
  server.bind(freeAddress(family));
  if (type === SOCK_STREAM) server.listen();
  const target = server.getsockname();
  const others: { close(): unknown }[] = [server];
  if (['fresh', 'bound', 'listening', 'closed', 'detached'].includes(state)) {
    const sock = new socket.socket(family, type);
    sock.setblocking(false);
    if (state === 'bound' || state === 'listening') sock.bind(freeAddress(family));
    if (state === 'listening') sock.listen();
    if (state === 'closed') sock.close();
    if (state === 'detached') socket.close(sock.detach());
    return { sock, target, others };
  }
  const [sock, peer] = connected(family, type, server);
  sock.setblocking(false);
  others.push(peer);
  if (state === 'ended') {
    peer.close();
    untilReadable(sock);
  }
  if (state === 'half') sock.shutdown(socket.SHUT_WR);
  if (state === 'over') sock.shutdown(socket.SHUT_RDWR);
  if (state === 'filed') {
    others.push(sock.makefile('rb'));
    sock.close();
  }
  return { sock, target, others };
}

const byte = Buffer.from('x');
const room = () => new Uint8Array(9);

/** How each method is called; what is made by it is to be closed. */
const CALLS: Record<string, (scene: Scene) => unknown> = {
  accept: ({ sock }) => sock.accept(),
  bind: ({ sock }) => sock.bind(freeAddress(sock.family)),
  close: ({ sock }) => sock.close(),
  connect: ({ sock, target }) => sock.connect(target),
  connect_ex: ({ sock, target }) => sock.connect_ex(target),
  detach: ({ sock }) => sock.detach(),
  dup: ({ sock }) => sock.dup(),
  family: ({ sock }) => sock.family,
  fileno: ({ sock }) => sock.fileno(),
  get_inheritable: ({ sock }) => sock.get_inheritable(),
  getblocking: ({ sock }) => sock.getblocking(),
  getpeername: ({ sock }) => sock.getpeername(),
  getsockname: ({ sock }) => sock.getsockname(),
  getsockopt: ({ sock }) => sock.getsockopt(SOL_SOCKET, socket.SO_TYPE),
  gettimeout: ({ sock }) => sock.gettimeout(),
  listen: ({ sock }) => sock.listen(),
  makefile: ({ sock }) => sock.makefile('rb'),
  proto: ({ sock }) => sock.proto,
  recv: ({ sock }) => sock.recv(9),
  recv_into: ({ sock }) => sock.recv_into(room()),
  recvfrom: ({ sock }) => sock.recvfrom(9),
  recvfrom_into: ({ sock }) => sock.recvfrom_into(room()),
  recvmsg: ({ sock }) => sock.recvmsg(9),
  recvmsg_into: ({ sock }) => sock.recvmsg_into([room()]),
  send: ({ sock }) => sock.send(byte),
  sendall: ({ sock }) => sock.sendall(byte),
  sendfile: ({ sock }) => withFile((fd) => sock.sendfile(fd)),
  sendmsg: ({ sock }) => sock.sendmsg([byte]),
  sendmsg_afalg: ({ sock }) => sock.sendmsg_afalg([byte], { op: 1 }),
  sendto: ({ sock, target }) => sock.sendto(byte, target),
  set_inheritable: ({ sock }) => sock.set_inheritable(false),
  setblocking: ({ sock }) => sock.setblocking(false),
  setsockopt: ({ sock }) => sock.setsockopt(SOL_SOCKET, socket.SO_KEEPALIVE, 1),
  settimeout: ({ sock }) => sock.settimeout(0),
  shutdown: ({ sock }) => sock.shutdown(socket.SHUT_RDWR),
  timeout: ({ sock }) => sock.timeout,
};

function withFile(use: (fd: number) => unknown): unknown {
  const fd = openSync(file, 'r');
  try {
    return use(fd);
  } finally {
    closeSync(fd);
  }
}

/** A result in the words of the tables. */
function describeResult(method: string, value: unknown): string {
  if (Buffer.isBuffer(value)) return value.length === 0 ? 'nothing' : 'bytes';
  if (Array.isArray(value)) {
    return method.startsWith('recv') ? describeResult(method, value[0]) : 'ok';
  }
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  if (typeof value !== 'number') return 'ok';
  if ((method === 'detach' || method === 'fileno') && value >= 0) return 'fd';
  return method === 'connect_ex' && value > 0 ? String(errnoNames.get(value)) : String(value);
}

function describeError(error: unknown): string {
  if (error instanceof socket.OSError && error.errno !== undefined) return String(error.code);
  return error instanceof Error ? error.name : String(error);
}

/** Makes the call, and closes everything there is then. */
function run(method: string, scene: Scene): string {
  const call = CALLS[method] as (scene: Scene) => unknown;
  try {
    const value = call(scene);
    if (method === 'detach' && (value as number) >= 0) socket.close(value as number);
    if (method === 'accept') (value as [Socket])[0].close();
    if (method === 'dup' || method === 'makefile') (value as Socket).close();
    return describeResult(method, value);
  } catch (error) {
    return describeError(error);
  } finally {
    for (const other of scene.others) other.close();
    scene.sock.close();
  }
}

const KINDS = [
  ['a TCP socket', AF_INET, SOCK_STREAM, TCP],
  ['a UDP socket', AF_INET, SOCK_DGRAM, UDP],
  ['an AF_UNIX stream', AF_UNIX, SOCK_STREAM, UNIX],
] as const;

for (const [kind, family, type, table] of KINDS) {
  describe(kind, { skip: process.platform !== 'linux' && 'the tables are of Linux' }, () => {
    for (const [state, expected] of columns(table)) {
      test(`that is ${state} gives or throws what it should, and leaves nothing open`, () => {
        const before = openDescriptors();
        const seen = Object.keys(CALLS).map((method) => [
          method,
          run(method, setScene(family, type, state)),
        ]);
        assert.deepEqual(Object.fromEntries(seen), expected);
        assert.deepEqual(openDescriptors(), before);
      });
    }
  });
}

test('every public method and attribute is in the tables', () => {
  const names = new Set<string>();
  let prototype: object = socket.socket.prototype;
  while (prototype !== Object.prototype) {
    for (const name of Object.getOwnPropertyNames(prototype)) names.add(name);
    prototype = Object.getPrototypeOf(prototype);
  }
  // Python has no others; what this library adds has tests of its own.
  const missing = Object.keys(CALLS).filter((name) => !names.has(name));
  assert.deepEqual(missing, []);
  for (const [, , , table] of KINDS) {
    for (const column of columns(table).values()) {
      assert.deepEqual(Object.keys(column), Object.keys(CALLS));
    }
  }
});

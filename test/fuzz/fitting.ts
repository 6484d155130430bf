// Arguments that a function can do something with, so that scripts get further than its checks.

import * as sockets from 'berkeley-sockets';
import type { Recipe } from './recipes.js';

/** Draws a number below a limit. */
type Draw = (limit: number) => number;
type Maker = (draw: Draw) => Recipe;

const plain = (value: unknown): Recipe => ({ is: 'plain', value });
const oneOf =
  (...values: readonly unknown[]): Maker =>
  (draw) =>
    plain(values[draw(values.length)]);
const nothing = { does: 'nothing', which: 0 } as const;
const list =
  (...items: readonly Maker[]): Maker =>
  (draw) => ({ is: 'list', form: 'array', items: items.map((item) => item(draw)), act: nothing });
const object =
  (entries: Readonly<Record<string, Maker>>): Maker =>
  (draw) => ({
    is: 'object',
    form: 'plain',
    entries: Object.entries(entries).map(([key, make]) => [key, make(draw)] as const),
    act: nothing,
  });

const bytes: Maker = (draw) => ({
  is: 'bytes',
  form: draw(3) === 0 ? 'Uint8Array' : 'Buffer',
  length: [0, 1, 5, 64, 1000, 20_000][draw(6)] as number,
  fill: draw(256),
});
const socket: Maker = (draw) => ({ is: 'live', which: draw(30), kind: 'socket' });
const batch: Maker = (draw) => ({ is: 'live', which: draw(30), kind: 'batch' });
const file: Maker = (draw) => ({ is: 'live', which: draw(30), kind: 'file' });
const anyObject: Maker = (draw) => ({ is: 'live', which: draw(30) });
const descriptor: Maker = (draw) => ({ is: 'descriptor', which: draw(30) });
const address: Maker = (draw) => ({ is: 'address', which: draw(30) });
const free: Maker = (draw) =>
  draw(3) === 0 ? plain(`path${draw(5)}`) : list(oneOf('127.0.0.1', ''), oneOf(0))(draw);
const size = oneOf(0, 1, 5, 64, 5000, 100_000);
/** Bytes of which parts look like a header's. */
const packetBytes: Maker = (draw) => {
  const likely = [0, 1, 2, 4, 5, 6, 8, 17, 58, 0x45, 0x60];
  const items = Array.from({ length: draw(100) }, () => {
    return draw(3) === 0 ? draw(256) : (likely[draw(likely.length)] as number);
  });
  return plain(Buffer.from(items));
};
const small = oneOf(0, 1, 2, 3);
const flags = oneOf(0, 0, sockets.MSG_PEEK, sockets.MSG_DONTWAIT, sockets.MSG_TRUNC);
const text = oneOf('', 'a line\n', 'wörter\r\n', '\u{1f600}', '\ud800');
const seconds = oneOf(null, 0, 0.001, 5);
const seconds0 = oneOf(0, 0.001);
const level = oneOf(sockets.SOL_SOCKET, sockets.IPPROTO_TCP, sockets.IPPROTO_IP);
const option = oneOf(
  ...[sockets.SO_REUSEADDR, sockets.SO_RCVBUF, sockets.SO_SNDBUF, sockets.SO_KEEPALIVE],
  ...[sockets.TCP_NODELAY, sockets.SO_PASSCRED, sockets.SO_TIMESTAMP, sockets.SO_OOBINLINE],
);
const rights = list(oneOf(sockets.SOL_SOCKET), oneOf(sockets.SCM_RIGHTS), bytes);
const mode = oneOf('r', 'rb', 'w', 'wb', 'rw', 'rwb');
const host = oneOf('127.0.0.1', '::1', 'localhost', '10.0.0.1', '2001:db8::1');
const mac = oneOf('02:00:00:00:00:01', 'ff:ff:ff:ff:ff:ff');
const header = object({
  source: host,
  destination: host,
  protocol: small,
  type: oneOf(0, 8, 128, 135, 2048),
  sourcePort: small,
  destinationPort: small,
  operation: small,
});
const frame = object({ source: mac, destination: mac, type: oneOf(2048, 2054, 34_525) });
const network = object({ network: object({ source: host, destination: host }) });

/** By the last part of a name. */
const TEMPLATES = new Map<string, readonly Maker[]>(
  Object.entries({
    recv: [size, flags],
    recv_into: [bytes],
    recvfrom: [size],
    recvfrom_into: [bytes],
    recvmsg: [size, oneOf(0, 24, 64, 5000)],
    recvmsg_into: [list(bytes, bytes), oneOf(0, 64)],
    send: [bytes, flags],
    sendall: [bytes],
    sendto: [bytes, address],
    sendmsg: [list(bytes, bytes), list(rights)],
    bind: [free],
    connect: [address],
    connect_ex: [address],
    listen: [small],
    shutdown: [small],
    settimeout: [seconds],
    setblocking: [oneOf(true, false)],
    getsockopt: [level, option],
    setsockopt: [level, option, oneOf(0, 1, 5000)],
    makefile: [mode, oneOf(0, 1, 5, -1)],
    sendfile: [file],
    read: [oneOf(-1, 0, 1, 5, 1000)],
    read1: [oneOf(-1, 0, 1, 5, 1000)],
    readline: [oneOf(-1, 0, 5)],
    readinto: [bytes],
    write: [(draw) => (draw(2) === 0 ? text(draw) : bytes(draw))],
    writelines: [(draw) => list(draw(2) === 0 ? text : bytes)(draw)],
    'new SocketIO': [socket, oneOf('r', 'w', 'rw', 'rb', 'wb')],
    'new BufferedReader': [file, oneOf(1, 5, 8192)],
    'new BufferedWriter': [file, oneOf(1, 5, 8192)],
    'new BufferedRWPair': [file, file, oneOf(1, 5)],
    'new TextIOWrapper': [file, oneOf('utf-8', 'utf-16', 'latin-1', 'shift_jis', 'ascii')],
    'new MessageBatch': [oneOf(1, 2, 20), oneOf(0, 1, 64, 5000)],
    recvmmsg: [oneOf(1, 2, 20), size],
    recvmmsg_into: [batch],
    sendmmsg: [list(bytes, list(list(bytes), list(), address))],
    sendmmsg_from: [batch],
    send_segmented: [bytes, oneOf(1, 8, 500)],
    recv_segmented: [size],
    recv_segmented_into: [bytes],
    add: [bytes, list(), address],
    data: [small],
    room: [small],
    address: [small],
    ancdata: [small],
    create_connection: [address, seconds0],
    create_server: [free],
    getaddrinfo: [host, oneOf(0, 80, 'http', null)],
    getnameinfo: [list(host, small), small],
    fromfd: [descriptor, oneOf(1, 2), oneOf(1, 2)],
    'new socket': [oneOf(1, 2, 10, 16, 17), oneOf(1, 2, 3, 5), oneOf(0)],
    socketpair: [oneOf(1), oneOf(1, 2, 5)],
    send_fds: [socket, list(bytes), list(descriptor, descriptor)],
    recv_fds: [socket, size, small],
    wait_readable: [socket, seconds0],
    wait_writable: [socket, seconds0],
    register: [socket, small],
    modify: [socket, small],
    unregister: [socket],
    get_key: [socket],
    select: [list(socket, descriptor), list(socket), list(), seconds0],
    select_async: [list(socket, descriptor), list(socket), list(), seconds0],
    toStream: [socket],
    toNetSocket: [socket],
    toReadableStream: [socket],
    toWritableStream: [socket],
    process_request: [socket, address],
    finish_request: [socket, address],
    verify_request: [socket, address],
    shutdown_request: [socket],
    close_request: [socket],
    serve_forever: [seconds0],
    peercred: [socket],
    join_group: [socket, oneOf('224.0.0.5', 'ff02::5')],
    bind_to_device: [socket, oneOf('lo', null)],
    encode: [oneOf('IP_TTL', 'IP_TOS', 'SCM_RIGHTS', 'UDP_SEGMENT'), small],
    decode: [list(rights, rights)],
    'ethernet.build': [frame, bytes],
    build: [header, bytes, network],
    parse: [packetBytes],
    'packet.decode': [packetBytes, oneOf('ethernet', 'ip', 1, 772)],
    pseudo_header: [host, host, small, small],
    fromNode: [anyObject],
  }),
);

/** Arguments that fit; undefined where none are known. The same numbers give the same ones. */
export function fittingArguments(name: string, seed: number): Recipe[] | undefined {
  const parts = name.split('.');
  const template = TEMPLATES.get(parts.slice(-2).join('.')) ?? TEMPLATES.get(parts.at(-1) ?? '');
  let state = seed + 1;
  const draw: Draw = (limit) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fff_ffff;
    return (state >> 8) % limit;
  };
  return template?.map((make) => make(draw));
}

// The objects that fuzzed scripts use: sockets in many states, files, selectors, servers.

import * as blocking from 'berkeley-sockets';
import * as interop from 'berkeley-sockets/interop';
import * as promises from 'berkeley-sockets/promises';
import * as select from 'berkeley-sockets/select';
import * as selectors from 'berkeley-sockets/selectors';
import * as socketserver from 'berkeley-sockets/socketserver';

type Flavour = typeof blocking | typeof promises;
type AnySocket = blocking.socket<number> | promises.socket<number>;
/** Makes one object or several that belong together. */
export type Maker = () => readonly object[];

function open(flavour: Flavour, family: number, type: number, proto = 0): AnySocket {
  return new (flavour as typeof blocking).socket<number>(family, type, proto);
}

function blockingView(sock: AnySocket): blocking.socket<number> {
  return 'blocking' in sock ? sock.blocking : sock;
}

const LOOPBACK = ['127.0.0.1', 0] as const;

function listening(flavour: Flavour): AnySocket {
  const sock = open(flavour, blocking.AF_INET, blocking.SOCK_STREAM);
  blockingView(sock).bind(LOOPBACK);
  sock.listen();
  return sock;
}

function connected(flavour: Flavour): AnySocket[] {
  const server = listening(flavour);
  const client = open(flavour, blocking.AF_INET, blocking.SOCK_STREAM);
  try {
    blockingView(client).connect(server.getsockname());
    return [client, server];
  } catch (error) {
    // The time of a single call is short, and the machine may be busy.
    if (!(error instanceof blocking.OSError)) throw error;
    return [client, server];
  }
}

function pair(flavour: Flavour, type: number): AnySocket[] {
  const both = (flavour as typeof blocking).socketpair<number>(blocking.AF_UNIX, type);
  // What awaits may wait for ever: closing ends it.
  if (flavour === promises) for (const sock of both) sock.settimeout(null);
  return both;
}

/** What may be refused on this machine is a socket of another kind there. */
function openOr(flavour: Flavour, family: number, type: number, proto: number): AnySocket {
  try {
    return open(flavour, family, type, proto);
  } catch {
    return open(flavour, blocking.AF_INET, blocking.SOCK_DGRAM);
  }
}

/** Sockets of a flavour. */
export function socketMakers(flavour: Flavour): Maker[] {
  const { AF_INET, AF_INET6, AF_UNIX, SOCK_STREAM, SOCK_DGRAM, SOCK_RAW } = blocking;
  const kinds: readonly (readonly [number, number, number])[] = [
    [AF_INET, SOCK_STREAM, 0],
    [AF_INET, SOCK_DGRAM, 0],
    [AF_INET6, SOCK_DGRAM, 0],
    [AF_INET6, SOCK_STREAM, 0],
    [AF_UNIX, SOCK_STREAM, 0],
    [AF_UNIX, SOCK_DGRAM, 0],
    [blocking.AF_NETLINK, SOCK_RAW, 0],
    [blocking.AF_PACKET, SOCK_RAW, 0],
    [AF_INET, SOCK_RAW, blocking.IPPROTO_ICMP],
    [blocking.AF_ALG, blocking.SOCK_SEQPACKET, 0],
    [blocking.AF_VSOCK, SOCK_STREAM, 0],
  ];
  return [
    ...kinds.map(
      (kind): Maker =>
        () => [openOr(flavour, ...kind)],
    ),
    () => [listening(flavour)],
    () => connected(flavour),
    () => pair(flavour, SOCK_STREAM),
    () => pair(flavour, SOCK_DGRAM),
    () => pair(flavour, blocking.SOCK_SEQPACKET),
    () => {
      const [near, far] = pair(flavour, SOCK_STREAM) as [AnySocket, AnySocket];
      blockingView(near).send(Buffer.from('a line\nand \xe9 more\r\n', 'latin1'));
      return [far, near];
    },
    () => {
      const [near, far] = pair(flavour, SOCK_STREAM) as [AnySocket, AnySocket];
      blockingView(near).send(Buffer.alloc(5000, 10));
      near.close();
      return [far];
    },
    () => {
      const sock = open(flavour, AF_INET, SOCK_DGRAM);
      blockingView(sock).bind(LOOPBACK);
      blockingView(sock).connect(sock.getsockname());
      return [sock];
    },
    () => {
      const sock = open(flavour, AF_INET, SOCK_STREAM);
      sock.close();
      return [sock];
    },
  ];
}

/** File objects of a flavour. */
export function fileMakers(flavour: Flavour): Maker[] {
  const make = (mode: string, buffering: number | undefined, options = {}): Maker => {
    return () => {
      const [near, far] = pair(flavour, blocking.SOCK_STREAM) as [AnySocket, AnySocket];
      blockingView(far).send(Buffer.from('one\ntwo\r\n\xff\u00e9three'.repeat(9)));
      const file = (near as blocking.socket).makefile(mode as 'rwb', buffering, options);
      near.close();
      return [file, far];
    };
  };
  return [
    ...['rb', 'wb', 'rwb'].flatMap((mode) => [make(mode, 0), make(mode, 4), make(mode, undefined)]),
    make('r', undefined),
    make('rw', undefined, { encoding: 'latin-1', newline: '' }),
    make('w', undefined, { encoding: 'utf-16', errors: 'replace', newline: '\r\n' }),
    make('rw', 5, { encoding: 'shift_jis', errors: 'ignore' }),
  ];
}

/** Memory for several messages. */
export function batchMakers(flavour: Flavour): Maker[] {
  return [
    () => [new flavour.MessageBatch(4, 64), ...pair(flavour, blocking.SOCK_DGRAM)],
    () => {
      const sock = open(flavour, blocking.AF_INET, blocking.SOCK_DGRAM);
      blockingView(sock).bind(LOOPBACK);
      const batch = new flavour.MessageBatch(3, 16, { ancbufsize: 64 });
      return [batch, sock];
    },
  ];
}

export const selectMakers: readonly Maker[] = [
  () => [select.poll()],
  () => [new select.epoll()],
  () => {
    const set = new select.epoll();
    const poll = select.poll();
    const [near, far] = blocking.socketpair();
    set.register(near, select.EPOLLOUT);
    poll.register(far);
    return [set, poll, near, far];
  },
];

const SELECTORS = [
  selectors.DefaultSelector,
  selectors.EpollSelector,
  selectors.PollSelector,
  selectors.SelectSelector,
];

export const selectorMakers: readonly Maker[] = SELECTORS.flatMap((Selector): Maker[] => [
  () => [new Selector()],
  () => {
    const selector = new Selector();
    const [near, far] = blocking.socketpair();
    const key = selector.register(near, selectors.EVENT_READ | selectors.EVENT_WRITE, 'data');
    return [selector, key, selector.get_map() ?? {}, near, far];
  },
]);

class Quiet extends socketserver.StreamRequestHandler {
  static override timeout = 0.002;
  override handle(): void {
    this.wfile.write(Buffer.from('x'));
  }
}
class QuietDatagrams extends socketserver.DatagramRequestHandler {
  override handle(): void {
    this.wfile.write(Buffer.from('x'));
  }
}
class QuietAsync extends socketserver.AsyncStreamRequestHandler {
  override async handle(): Promise<void> {
    await this.wfile.write(Buffer.from('x'));
  }
}

/** A server, and a client that has asked it for something. */
export const serverMakers: readonly Maker[] = [
  () => [new socketserver.BaseServer(['', 0], null)],
  () => {
    const server = new socketserver.TCPServer(LOOPBACK, Quiet);
    const client = new promises.socket();
    client.connect(server.server_address as [string, number]).catch(() => {});
    return [server, client];
  },
  () => {
    const server = new socketserver.UDPServer(LOOPBACK, QuietDatagrams);
    const client = new blocking.socket(blocking.AF_INET, blocking.SOCK_DGRAM);
    client.sendto(Buffer.from('ask'), server.server_address as [string, number]);
    return [server, client];
  },
  () => {
    const server = new socketserver.AsyncTCPServer(LOOPBACK, QuietAsync);
    const client = new promises.socket();
    client.connect(server.server_address as [string, number]).catch(() => {});
    return [server, client];
  },
  () => [new socketserver.UnixStreamServer('\0fuzzed', Quiet as never)],
  () => [new socketserver.AsyncUDPServer(LOOPBACK, QuietDatagrams as never)],
  () => [new socketserver.BytesIO(Buffer.from('some\nlines\nof text'))],
];

export const streamMakers: readonly Maker[] = [
  () => {
    const [near, far] = blocking.socketpair();
    return [interop.toStream(near), far];
  },
  () => {
    const [near, far] = promises.socketpair();
    return [interop.toStream(near, { allowHalfOpen: true }), far];
  },
  () => {
    const [near, far] = blocking.socketpair();
    return [interop.toReadableStream(near), interop.toWritableStream(near), far];
  },
];

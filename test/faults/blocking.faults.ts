// The calls of the blocking flavour, with each of their system calls failing.

import * as fs from 'node:fs';
import * as socket from 'berkeley-sockets';
import '../support/leaks.js';
import { closeAll, short, walksOf } from './walk.js';

type Sock = InstanceType<typeof socket.socket<number>>;

const { on, making } = walksOf('berkeley-sockets');

/** A pair with data on the way to the first one. */
class Pair {
  readonly ends: readonly [Sock, Sock];

  constructor(type: number, timeout: number | null, count = 8) {
    this.ends = socket.socketpair(socket.AF_UNIX, type) as unknown as [Sock, Sock];
    for (const end of this.ends) end.settimeout(timeout);
    for (let index = 0; index < count; index += 1) this.ends[1].send(Buffer.from('12345678'));
  }

  get first(): Sock {
    return this.ends[0];
  }

  close(): void {
    for (const end of this.ends) end.close();
  }
}

const DATA = Buffer.from('12345678');
for (const timeout of [null, 5]) {
  const how = timeout === null ? 'without a timeout' : 'with a timeout';
  const pair = () => new Pair(socket.SOCK_DGRAM, timeout);
  const stream = () => new Pair(socket.SOCK_STREAM, timeout);
  on(`recv ${how}`, pair, ({ first }) => first.recv(8), short);
  on(`recv_into ${how}`, pair, ({ first }) => first.recv_into(new Uint8Array(8)), short);
  on(`recvfrom ${how}`, pair, ({ first }) => first.recvfrom(8), short);
  on(`recvfrom_into ${how}`, pair, ({ first }) => first.recvfrom_into(new Uint8Array(8)), short);
  on(`recvmsg ${how}`, pair, ({ first }) => first.recvmsg(8, 100), short);
  on(
    `recvmsg_into ${how}`,
    pair,
    ({ first }) => first.recvmsg_into([new Uint8Array(8)], 100),
    short,
  );
  on(`recvmmsg ${how}`, pair, ({ first }) => first.recvmmsg(2, 8), short);
  on(`recv_segmented ${how}`, pair, ({ first }) => first.recv_segmented(8), short);
  on(`send ${how}`, stream, ({ first }) => first.send(DATA), short);
  on(`sendall ${how}`, stream, ({ first }) => first.sendall(DATA));
  on(`sendmsg ${how}`, pair, ({ first }) => first.sendmsg([DATA]), short);
  on(`sendmmsg ${how}`, pair, ({ first }) => first.sendmmsg([DATA, DATA]), short);
  on(
    `send_fds and recv_fds ${how}`,
    () => new Pair(socket.SOCK_STREAM, timeout, 0),
    ({ ends }) => {
      socket.send_fds(ends[1], [DATA], [0]);
      const [, fds] = socket.recv_fds(ends[0], 100, 4);
      for (const fd of fds) fs.closeSync(fd);
      return fds.length;
    },
    { covers: ['send_fds', 'recv_fds'] },
  );
  on(
    `makefile ${how}`,
    stream,
    ({ first }) => {
      const file = first.makefile('rwb') as unknown as socket.BufferedRWPair;
      try {
        file.write(DATA);
        file.flush();
        return file.read(8);
      } finally {
        // What could not be sent is tried once more, and then given up.
        file.close();
      }
    },
    // Nothing to read at the moment.
    { isOnce: true, alsoRight: (value, code) => value === null && code === 'EAGAIN' },
  );
}

/** The resolver's own system calls are libc's, which tells of a signal as Python does. */
const lookUp = { hides: [] };

class Listener {
  readonly server = socket.create_server(['127.0.0.1', 0]);
  readonly clients: Sock[] = [];

  constructor(timeout: number | null) {
    this.server.settimeout(timeout);
    for (let index = 0; index < 2; index += 1) {
      const client = new socket.socket() as Sock;
      client.connect(this.server.getsockname());
      this.clients.push(client);
    }
  }

  close(): void {
    this.server.close();
    void closeAll(this.clients);
  }
}

for (const timeout of [null, 5]) {
  const how = timeout === null ? 'without a timeout' : 'with a timeout';
  on(
    `accept ${how}`,
    () => new Listener(timeout),
    ({ server }) => server.accept()[0],
  );
  on(
    `connect ${how}`,
    () => new Listener(timeout),
    ({ server, clients }) => {
      const client = new socket.socket() as Sock;
      clients.push(client);
      client.settimeout(timeout);
      client.connect(server.getsockname());
    },
  );
  on(
    `create_connection ${how}`,
    () => new Listener(timeout),
    ({ server }) => socket.create_connection(server.getsockname(), timeout),
    lookUp,
  );
}

on(
  'connect_ex',
  () => new Listener(null),
  ({ server, clients }) => {
    const client = new socket.socket() as Sock;
    clients.push(client);
    return client.connect_ex(server.getsockname());
  },
  { alsoRight: (value) => typeof value === 'number' && value > 0 },
);

const tcp = () => new socket.socket() as Sock;
const bound = () => {
  const sock = tcp();
  sock.bind(['127.0.0.1', 0]);
  return sock;
};
on('bind', tcp, (sock) => sock.bind(['127.0.0.1', 0]), { isOnce: true });
on('listen', bound, (sock) => sock.listen());
on('getsockname', bound, (sock) => sock.getsockname()[0]);
on('getsockopt', tcp, (sock) => sock.getsockopt(socket.SOL_SOCKET, socket.SO_TYPE));
on('setsockopt', tcp, (sock) => sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1));
on('setblocking', tcp, (sock) => sock.setblocking(false));
on('get_inheritable', tcp, (sock) => sock.get_inheritable());
on('set_inheritable', tcp, (sock) => sock.set_inheritable(true));
on('dup', tcp, (sock) => sock.dup());
on('close', tcp, (sock) => sock.close(), { covers: ['socket.close'] });
on('socket on a descriptor', tcp, (sock) => {
  const fileno = socket.dup(sock.fileno());
  try {
    new socket.socket({ fileno }).detach();
  } finally {
    // It is the caller's until there is a socket.
    fs.closeSync(fileno);
  }
});
on(
  'sendto',
  () => new socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as Sock,
  (sock) => sock.sendto(DATA, ['127.0.0.1', 9]),
  short,
);
on(
  'send_segmented',
  () => new socket.socket(socket.AF_INET, socket.SOCK_DGRAM),
  (sock) => sock.send_segmented(DATA, 4, { address: ['127.0.0.1', 9] }),
);

class Sending {
  readonly pair = new Pair(socket.SOCK_STREAM, null);
  readonly file = fs.openSync(new URL(import.meta.url), 'r');

  close(): void {
    this.pair.close();
    fs.closeSync(this.file);
  }
}

on(
  'sendfile',
  () => new Sending(),
  ({ pair, file }) => pair.first.sendfile(file, 0, 1000),
);
making('socket', () => new socket.socket());
making('socketpair', () => socket.socketpair());
making('create_server', () => socket.create_server(['127.0.0.1', 0]));
making('has_dualstack_ipv6', () => socket.has_dualstack_ipv6(), {
  alsoRight: (value) => value === false,
});
making('gethostname', () => socket.gethostname());

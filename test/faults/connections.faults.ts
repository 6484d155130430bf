// Connecting to hosts with several addresses, and making servers, with each system call failing.

import assert from 'node:assert/strict';
import * as blocking from 'berkeley-sockets';
import * as promises from 'berkeley-sockets/promises';
import '../support/leaks.js';
import { walksOf } from './walk.js';

/** What libc tells of a signal while it looks a name up is told, as Python does. */
const told = { hides: [] };

/** A listener on this host, whose name is that of both versions' loopback addresses. */
interface Host {
  readonly server: { getsockname(): unknown; close(): void };
  close(): void;
}

/** No name is the loopback address of either version. */
const addressOf = ({ server }: Host): [null, number] => [
  null,
  (server.getsockname() as [string, number])[1],
];

/** Listens on IPv4 and IPv6, so that each address of this host is one to connect to. */
class Dual implements Host {
  readonly server = blocking.create_server(['', 0], {
    family: blocking.AF_INET6,
    dualstack_ipv6: true,
  });

  close(): void {
    this.server.close();
  }
}

/** Listens on IPv4 only: the attempt with IPv6 fails by itself. */
class Single implements Host {
  readonly server = blocking.create_server(['127.0.0.1', 0]);

  close(): void {
    this.server.close();
  }
}

/** An attempt may have been refused after the one that was made to fail. */
function unlessRefused(error: unknown): unknown {
  return (error as NodeJS.ErrnoException).code === 'ECONNREFUSED' ? undefined : error;
}

/** The one of several exceptions that was made. */
function ofGroup(error: unknown, code: string): unknown {
  if (!(error instanceof blocking.ExceptionGroup)) return error;
  const codes = error.errors.map((each) => (each as NodeJS.ErrnoException).code);
  assert.ok(codes.includes(code), codes.join(', '));
  return error.errors[codes.indexOf(code)];
}

const here = walksOf('berkeley-sockets');
const there = walksOf('berkeley-sockets/promises');
for (const [title, make] of [
  ['a host that listens on all its addresses', (): Host => new Dual()],
  ['a host that listens on one of its addresses', (): Host => new Single()],
] as const) {
  here.on(
    `create_connection to ${title}`,
    make,
    (host) => blocking.create_connection(addressOf(host), 5),
    { ...told, unwrap: unlessRefused },
  );
  here.on(
    `create_connection to ${title}, telling all errors`,
    make,
    (host) => blocking.create_connection(addressOf(host), 5, null, { all_errors: true }),
    { ...told, unwrap: ofGroup },
  );
  for (const happy_eyeballs_delay of [null, 0, 0.001]) {
    there.on(
      `create_connection to ${title} with a delay of ${happy_eyeballs_delay}`,
      make,
      (host) => promises.create_connection(addressOf(host), 5, { happy_eyeballs_delay }),
      { ...told, unwrap: unlessRefused },
    );
  }
  there.on(
    `create_connection to ${title} with a delay, telling all errors`,
    make,
    (host) =>
      promises.create_connection(addressOf(host), 5, { happy_eyeballs_delay: 0, all_errors: true }),
    { ...told, unwrap: ofGroup },
  );
}

here.making(
  'create_server for both versions',
  () =>
    blocking.create_server(['', 0], {
      family: blocking.AF_INET6,
      dualstack_ipv6: true,
      reuse_port: true,
      backlog: 3,
    }),
  {
    ...told,
    // Whether that can be had is asked by trying.
    unwrap: (error) => (error instanceof blocking.ValueError ? undefined : error),
  },
);
there.making('create_server', () => promises.create_server(['127.0.0.1', 0]));
there.making('create_server by name', () => promises.create_server(['localhost', 0]), told);
there.making('socket', () => new promises.socket());
there.making('socketpair', () => promises.socketpair());
there.making('has_dualstack_ipv6', () => promises.has_dualstack_ipv6(), {
  alsoRight: (value) => value === false,
});
there.on(
  'bind to a name',
  () => new promises.socket(),
  (sock) => sock.bind(['localhost', 0]),
  { ...told, isOnce: true },
);
here.on(
  'connect by name',
  () => new Single(),
  (host) => {
    const sock = new blocking.socket();
    try {
      sock.connect(['localhost', addressOf(host)[1]]);
    } finally {
      sock.close();
    }
  },
  told,
);
there.on(
  'connect_ex',
  () => new Single(),
  async (host) => {
    const sock = new promises.socket();
    try {
      return await sock.connect_ex(['127.0.0.1', addressOf(host)[1]]);
    } finally {
      sock.close();
    }
  },
  { alsoRight: (value) => typeof value === 'number' && value > 0 },
);

// Which descriptors a child process inherits: none, unless set_inheritable() said so.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readlinkSync } from 'node:fs';
import { type TestContext, test } from 'node:test';
import * as socket from 'berkeley-sockets';
import '../support/leaks.js';
import { cannotOn, NO_INHERITANCE } from '../support/runtime.js';
import { closing, listener, pair, tcpPair } from '../support/sockets.js';

/** What a child process has open besides its standard streams: targets by descriptor. */
function inherited(): Map<number, string> {
  const { stdout, status } = spawnSync(
    '/bin/sh',
    ['-c', 'for fd in /proc/$$/fd/*; do echo "$fd $(readlink "$fd")"; done'],
    { encoding: 'latin1', stdio: ['inherit', 'pipe', 'inherit'] },
  );
  assert.equal(status, 0);
  const entries = stdout
    .split('\n')
    .map((line) => /\/fd\/(\d+) (.+)/.exec(line))
    .filter((match) => match !== null)
    .map((match) => [Number(match[1]), match[2] as string] as const);
  return new Map(entries.filter(([fd]) => fd > 2));
}

function targetOf(fd: number): string {
  return readlinkSync(`/proc/self/fd/${fd}`);
}

/** Descriptors in each way that one is born, by the way's name. */
function births(context: TestContext): Record<string, number> {
  const { server, client, accepted } = tcpPair(context);
  const [first, second] = pair(context);
  const dup = closing(context, first.dup());
  const fromfd = closing(context, socket.fromfd(first.fileno(), first.family, first.type));
  const bare = socket.dup(first.fileno());
  const nonblocking = new socket.socket(socket.AF_INET, socket.SOCK_DGRAM | socket.SOCK_NONBLOCK);
  closing(context, nonblocking);
  const connection = closing(context, socket.create_connection(server.getsockname()));
  const inheritable = closing(context, new socket.socket());
  inheritable.set_inheritable(true);
  const copy = closing(context, inheritable.dup());
  inheritable.close();

  socket.send_fds(first, [Buffer.from('x')], [client.fileno(), accepted.fileno()]);
  const [, received] = socket.recv_fds(second, 1, 2);
  first.sendmsg(
    [Buffer.from('x')],
    [[socket.SOL_SOCKET, socket.SCM_RIGHTS, Int32Array.of(client.fileno())]],
  );
  const [, [item]] = second.recvmsg(1, socket.CMSG_SPACE(4));
  const fromMessage = new Int32Array(new Uint8Array(item?.[2] ?? []).buffer)[0] as number;
  const bareFds = [bare, fromMessage, ...received];
  context.after(() => {
    for (const fd of bareFds) socket.close(fd);
  });
  return {
    create_server: server.fileno(),
    socket: client.fileno(),
    accept: accepted.fileno(),
    'socketpair, first': first.fileno(),
    'socketpair, second': second.fileno(),
    'sock.dup()': dup.fileno(),
    'dup() of an inheritable one': copy.fileno(),
    'dup(fd)': bare,
    fromfd: fromfd.fileno(),
    'SOCK_NONBLOCK in the type': nonblocking.fileno(),
    create_connection: connection.fileno(),
    'recv_fds, first': received[0] as number,
    'recv_fds, second': received[1] as number,
    'recvmsg with SCM_RIGHTS': fromMessage,
  };
}

test('no descriptor is inherited, however it was born', (context) => {
  const fds = births(context);
  const targets = new Set(inherited().values());
  for (const [birth, fd] of Object.entries(fds)) {
    assert.ok(targetOf(fd).startsWith('socket:'), birth);
    assert.ok(!targets.has(targetOf(fd)), `${birth}: the child process has it`);
    const sock = new socket.socket({ fileno: fd });
    assert.equal(sock.get_inheritable(), false, birth);
    sock.detach();
  }
});

test('a file object of makefile() lets no descriptor through', (context) => {
  const [first] = pair(context);
  const file = closing(context, first.makefile('rwb', 0) as { close(): void });
  assert.ok(![...inherited().values()].includes(targetOf(first.fileno())));
  file.close();
});

test('set_inheritable(true) hands a descriptor on under its number, false takes that back', {
  skip: cannotOn(NO_INHERITANCE),
}, (context) => {
  const sock = listener(context);
  sock.set_inheritable(true);
  assert.equal(sock.get_inheritable(), true);
  assert.equal(inherited().get(sock.fileno()), targetOf(sock.fileno()));
  sock.set_inheritable(false);
  assert.equal(sock.get_inheritable(), false);
  assert.ok(![...inherited().values()].includes(targetOf(sock.fileno())));
});

test('adopting a descriptor does not change whether it is inherited', (context) => {
  const sock = listener(context);
  sock.set_inheritable(true);
  const adopted = closing(context, new socket.socket({ fileno: sock.detach() }));
  assert.equal(adopted.get_inheritable(), true);
});

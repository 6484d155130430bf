// Sockets that systemd, inetd or another supervisor has opened.

import '../support/leaks.js';
import assert from 'node:assert/strict';
import { type SpawnOptions, spawnSync } from 'node:child_process';
import { describe, it, type TestContext } from 'node:test';
import * as socket from 'berkeley-sockets';
import { listen_fds } from 'berkeley-sockets/socketserver';
import { type Program, start, until } from '../support/process.js';
import { closing, listener, udp, unixPath } from '../support/sockets.js';

const FIXTURE = '../../socketserver/fixtures/supervised';

/** Starts the program as a supervisor does: with these descriptors from 3 on, and its number. */
function supervise(
  context: TestContext,
  sockets: readonly socket.socket<number>[],
  names?: string,
): Program {
  const options: SpawnOptions = {
    stdio: ['ignore', 'pipe', 'pipe', ...sockets.map((sock) => sock.fileno())],
    env: {
      ...process.env,
      LISTEN_FDS: `${sockets.length}`,
      ...(names && { LISTEN_FDNAMES: names }),
    },
  };
  // The shell becomes the program, and so knows its number.
  const command = ['sh', '-c', 'LISTEN_PID=$$ exec "$@"', 'sh'];
  return start(context, FIXTURE, [], { ...options, command });
}

/** What a client receives at an address. */
async function hear(context: TestContext, address: [string, number]): Promise<string> {
  const client = closing(context, socket.create_connection(address)).promises;
  const data = await client.recv(100);
  return String(data);
}

describe('listen_fds()', () => {
  it('takes over the sockets of a supervisor, by name', async (context) => {
    const stream = listener(context);
    const datagrams = udp(context);
    const program = supervise(context, [stream, datagrams], 'web:');
    assert.deepEqual(await program.message(), {
      names: ['web', 'unknown'],
      inheritable: [false, false],
      again: 0,
    });
    const hello = `hello from ${program.pid}`;
    assert.equal(await hear(context, stream.getsockname()), hello);
    const client = udp(context);
    client.sendto(Buffer.from('x'), datagrams.getsockname());
    assert.equal(String(await client.promises.recv(100)), hello);
    await program.says('a child has LISTEN_FDS undefined');
    assert.equal((await program.ended).code, 0);
  });

  it('drops no connection when the program is restarted', async (context) => {
    const stream = listener(context);
    // Whoever connects while nobody runs waits for the next.
    const clients = [1, 2, 3].map(() =>
      closing(context, socket.create_connection(stream.getsockname())),
    );
    for (const client of clients) {
      const program = supervise(context, [stream]);
      await program.message();
      assert.equal(String(await client.promises.recv(100)), `hello from ${program.pid}`);
      assert.equal((await program.ended).code, 0);
    }
  });

  it('takes the listener on the standard input that inetd leaves there', async (context) => {
    const stream = listener(context);
    const program = start(context, FIXTURE, [], {
      stdio: [stream.fileno(), 'pipe', 'pipe'],
    });
    const { names } = await program.message<{ names: string[] }>();
    assert.deepEqual(names, ['stdin']);
    assert.equal(await hear(context, stream.getsockname()), `hello from ${program.pid}`);
    await program.says('a child has LISTEN_FDS undefined');
  });

  it('takes what systemd-socket-activate passes', {
    skip:
      spawnSync('systemd-socket-activate', ['--version']).status !== 0 &&
      "systemd-socket-activate(1) of Debian's package systemd is missing",
  }, async (context) => {
    const path = unixPath(context);
    const flags = ['-l', path, '--fdname=ours'];
    const program = start(context, FIXTURE, [], {
      command: ['systemd-socket-activate', ...flags],
    });
    const client = closing(context, new socket.socket(socket.AF_UNIX));
    await until('systemd-socket-activate to listen', () =>
      client.connect_ex(path) === 0 ? true : undefined,
    );
    const { names } = await program.message<{ names: string[] }>();
    assert.deepEqual(names, ['ours']);
    assert.equal(String(await client.promises.recv(100)), `hello from ${program.pid}`);
    await program.says('a child has LISTEN_FDS undefined');
  });

  it('gives nothing where nobody passed anything, or it was for another process', (context) => {
    const variables = { ...process.env };
    context.after(() => {
      process.env = variables;
    });
    delete process.env.LISTEN_FDS;
    assert.deepEqual(listen_fds(), []);
    Object.assign(process.env, { LISTEN_FDS: '1', LISTEN_PID: '1' });
    assert.deepEqual(listen_fds({ unset_environment: false }), []);
    assert.equal(process.env.LISTEN_FDS, '1');
    assert.deepEqual(listen_fds(), []);
    assert.equal(process.env.LISTEN_FDS, undefined);
  });

  it('refuses variables that are no numbers, and descriptors that are no sockets', (context) => {
    const variables = { ...process.env };
    context.after(() => {
      process.env = variables;
    });
    Object.assign(process.env, { LISTEN_FDS: 'many', LISTEN_PID: `${process.pid}` });
    assert.throws(() => listen_fds(), {
      name: 'ValueError',
      message: "LISTEN_FDS should be a number, not 'many'",
    });
    // Descriptor 3 and those that follow are Node's own here.
    process.env.LISTEN_FDS = '1000';
    assert.throws(() => listen_fds(), { code: /ENOTSOCK|EBADF/, message: /of LISTEN_FDS$/ });
    assert.throws(() => listen_fds({ unset: true } as never), {
      message: "listen_fds() got an unexpected keyword argument 'unset'",
    });
  });
});

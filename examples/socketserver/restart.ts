// A supervisor keeps the listener while the server is restarted: nobody is refused.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import * as socket from 'berkeley-sockets';
import { BaseRequestHandler, listen_fds, TCPServer } from 'berkeley-sockets/socketserver';

const RESTARTS = 3;
const CONNECTIONS = 10;

class WhoAmI extends BaseRequestHandler {
  override handle() {
    this.request.sendall(Buffer.from(`${process.pid}`));
  }
}

/** What `systemd-socket-activate -l 8000 node restart.js` starts works in the same way. */
async function serve(): Promise<void> {
  const [passed] = listen_fds();
  if (passed === undefined) throw new Error('no socket was passed');
  const listener = passed.socket as socket.socket;
  await using server = new TCPServer(listener.getsockname(), WhoAmI, false);
  server.socket = listener;
  // What was accepted is served to its end; the rest waits for the next process.
  process.once('SIGTERM', () => void server.shutdown());
  await server.serve_forever();
}

/** Starts the server as systemd would: descriptor 3 is the listener, and LISTEN_PID its number. */
function start(listener: socket.socket) {
  return spawn(
    'sh',
    ['-c', 'LISTEN_PID=$$ exec "$@"', 'sh', process.execPath, fileURLToPath(import.meta.url)],
    {
      env: { ...process.env, LISTEN_FDS: '1' },
      stdio: ['ignore', 'inherit', 'inherit', listener.fileno()],
    },
  );
}

async function ask(address: [string, number]): Promise<string> {
  // Connected by the kernel, whether a server runs or not.
  using client = socket.create_connection(address);
  return String(await client.promises.recv(100, { timeout: 30 }));
}

async function supervise(): Promise<void> {
  using listener = socket.create_server(['127.0.0.1', 0]);
  const address = listener.getsockname();
  for (let round = 0; round < RESTARTS; round++) {
    // These clients are there before the server is.
    const answers = Array.from({ length: CONNECTIONS }, () => ask(address));
    const program = start(listener);
    const pids = new Set(await Promise.all(answers));
    console.log(`process ${[...pids].join(' and ')} answered ${answers.length} connections`);
    program.kill();
    await once(program, 'exit');
  }
}

await (process.env.LISTEN_FDS === undefined ? supervise() : serve());

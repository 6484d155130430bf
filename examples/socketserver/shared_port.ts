// Three processes serve one port, and the kernel chooses among them: `node shared_port.js`.

import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import * as socket from 'berkeley-sockets';
import { BaseRequestHandler, TCPServer } from 'berkeley-sockets/socketserver';

const PROCESSES = 3;
const CONNECTIONS = 60;

class WhoAmI extends BaseRequestHandler {
  override handle() {
    this.request.sendall(Buffer.from(`${process.pid}`));
  }
}

class Server extends TCPServer {
  static override allow_reuse_port = true;
}

async function serve(port: number): Promise<void> {
  await using server = new Server(['127.0.0.1', port], WhoAmI);
  process.send?.('ready');
  await server.serve_forever();
}

async function start(port: number): Promise<ChildProcess> {
  const program = fork(fileURLToPath(import.meta.url), [String(port)]);
  await once(program, 'message');
  return program;
}

function ask(port: number): number {
  using client = socket.create_connection(['127.0.0.1', port]);
  return Number(String(client.recv(100)));
}

if (process.argv[2] !== undefined) {
  await serve(Number(process.argv[2]));
} else {
  // A socket that is bound and does not listen keeps the port that the kernel chose.
  using reserved = new socket.socket(socket.AF_INET, socket.SOCK_STREAM);
  reserved.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1);
  reserved.bind(['127.0.0.1', 0]);
  const [, port] = reserved.getsockname();

  const programs = await Promise.all(Array.from({ length: PROCESSES }, () => start(port)));
  const counts = new Map(programs.map(({ pid }) => [pid, 0]));
  for (let made = 0; made < CONNECTIONS; made++) {
    const pid = ask(port);
    counts.set(pid, (counts.get(pid) ?? 0) + 1);
  }
  for (const [pid, count] of counts) console.log(`process ${pid} served ${count} connections`);
  for (const program of programs) program.kill();
}

// The tour's first step: a TCP server, two clients, and the word that lets it serve both at once.

import assert from 'node:assert/strict';
import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import * as socket from 'berkeley-sockets';
import { raised, type Say } from './report.js';
import { receiveAll, startProgram } from './streams.js';

const { AF_INET, IPPROTO_TCP, SHUT_WR, SOCK_STREAM, TCP_NODELAY } = socket;

/** Seconds after which a client gives up that is not served. */
const PATIENCE = 0.25;

export async function serveOverTcp(say: Say): Promise<void> {
  {
    using server = await start('upper', 'TCPServer', say);
    // `using` closes a socket at the end of the block, also when an exception ends it.
    using first = connect(server.port);
    using second = connect(server.port);
    say(`two clients are connected, from the ports ${portOf(first)} and ${portOf(second)}`);

    first.setsockopt(IPPROTO_TCP, TCP_NODELAY, 1);
    assert.notEqual(first.getsockopt(IPPROTO_TCP, TCP_NODELAY), 0);
    say('TCP_NODELAY is set on the first: small pieces are sent at once');

    say(`the first says 'hello', receives '${ask(first, 'hello')}', and stays`);
    // The server serves one after the other: the second waits in its queue.
    second.settimeout(PATIENCE);
    const { name, message } = raised(socket.timeout, () => ask(second, 'me, too'));
    say(`the second says 'me, too': ${name}: ${message}`);
    first.close();
    second.settimeout(10);
    say(`once the first has gone it receives '${receiveLine(second)}'`);
    // More than one recv brings, but less than the kernel's buffers hold. With a long text the
    // client would have to receive in between, or both ends might wait for each other to read.
    exchange(second, Buffer.alloc(50_000, 'All work and no play. '), say);
  }

  using server = await start('upper_threads', 'ThreadingTCPServer', say);
  using first = connect(server.port);
  using second = connect(server.port);
  const answers = [ask(first, 'hello'), ask(second, 'me, too')];
  assert.deepEqual(answers, ['HELLO', 'ME, TOO']);
  say(`the first receives '${answers[0]}' and stays, the second receives '${answers[1]}'`);
}

/** Starts an example whose server is of that class. */
async function start(name: string, word: string, say: Say) {
  const program = startProgram(`socketserver/${name}`, [], ['ignore', 'pipe', 'inherit']);
  assert(program.stdout instanceof Readable);
  // Port 0 lets the kernel choose a free port; the server's first line says which it is.
  const lines = createInterface({ input: program.stdout })[Symbol.asyncIterator]();
  const greeting = /port (\d+)/.exec((await lines.next()).value ?? '');
  assert(greeting !== null, 'the server did not start');
  const port = Number(greeting[1]);
  say(`new ${word}(['127.0.0.1', 0], Upper)`);
  say(`process ${program.pid} listens on 127.0.0.1 port ${port}`);
  return { port, [Symbol.dispose]: () => void program.kill() };
}

function connect(port: number): socket.socket {
  const client = new socket.socket(AF_INET, SOCK_STREAM);
  client.connect(['127.0.0.1', port]);
  return client;
}

/** Sends a line, and gives the one that comes back. */
function ask(client: socket.socket, text: string): string {
  client.sendall(Buffer.from(`${text}\n`));
  return receiveLine(client);
}

/** A line, without its end. */
function receiveLine(client: socket.socket): string {
  let line = '';
  while (!line.endsWith('\n')) {
    const piece = client.recv(100);
    assert(piece.length > 0, 'the server ended the connection');
    line += piece;
  }
  return line.trimEnd();
}

/** Sends all of `data`, says that this was all, and checks that all of it comes back. */
function exchange(client: socket.socket, data: Buffer, say: Say): void {
  client.sendall(data);
  client.shutdown(SHUT_WR);
  const answer = receiveAll(client);
  assert.equal(String(answer), String(data).toUpperCase());
  say(`sendall of ${data.length} bytes, recv until the end: ${answer.length} bytes in upper case`);
}

/** The type of an AF_INET socket's address is `[host: string, port: number]`. */
function portOf(sock: socket.socket): number {
  const [, port] = sock.getsockname();
  return port;
}

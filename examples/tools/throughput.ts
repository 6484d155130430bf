// Measures how much TCP carries between two hosts: `node throughput.js --serve`, `… HOST`.

import { setMaxListeners } from 'node:events';
import * as socket from 'berkeley-sockets/promises';
import { Command } from 'commander';
import { Complaint, number, run } from './support/command.js';

const command = new Command('throughput')
  .description('Measures how much TCP carries between two hosts, to the server, from it, or both.')
  .argument('[host]', 'where the server runs')
  .option('-s, --serve', 'be the server, until Ctrl-C')
  .option('-b, --bind <address>', 'where the server listens (default: everywhere)')
  .option('-p, --port <port>', 'where it listens; 0 for any', number(0, 65535), 5201)
  .option('-R, --reverse', 'from the server to here')
  .option('-d, --both', 'in both directions at once')
  .option('-P, --parallel <connections>', 'in each direction', number(1, 1000), 1)
  .option('-t, --time <seconds>', 'how long', number(0.1, 86400, false), 10)
  .option('-i, --interval <seconds>', 'from one line to the next', number(0.1, 3600, false), 1);

interface Options {
  serve?: boolean;
  bind?: string;
  port: number;
  reverse?: boolean;
  both?: boolean;
  parallel: number;
  time: number;
  interval: number;
}

type Connection = socket.socket<number>;
type Direction = 'up' | 'down';

const CHUNK = 256 << 10;
const MILLISECONDS = 1000;
const LONGEST_TEXT = 32;

/** Takes all that comes, until the end, or until it is told to stop. */
async function drain(
  sock: Connection,
  stop: AbortSignal,
  count: (bytes: number) => void,
): Promise<void> {
  const memory = Buffer.alloc(CHUNK);
  try {
    for (;;) {
      const bytes = await sock.recv_into(memory, { signal: stop });
      if (bytes === 0) return;
      count(bytes);
    }
  } catch (error) {
    if (!stop.aborted) throw error;
  }
}

/** Sends until it is told to stop, or the other end has gone. */
async function fill(sock: Connection, stop: AbortSignal, count = (_: number) => {}): Promise<void> {
  const memory = Buffer.alloc(CHUNK, 'throughput');
  try {
    while (!stop.aborted) count(await sock.send(memory, { signal: stop }));
  } catch (error) {
    const isGone = error instanceof socket.ConnectionError;
    if (!stop.aborted && !isGone) throw error;
  }
}

/** The first bytes of a connection say its direction, as the client sees it. */
async function serveOne(connection: Connection, stop: AbortSignal): Promise<void> {
  using sock = connection;
  const direction = String(await sock.recv(1, { signal: stop }));
  // Not without `await`: the connection is closed when this function returns.
  if (direction === 'd') return await fill(sock, stop);
  let total = 0;
  await drain(sock, stop, (bytes) => {
    total += bytes;
  });
  // What came counts, not what the sender's buffers took.
  await sock.sendall(Buffer.from(String(total)));
}

async function serve({ bind = '', port }: Options, stop: AbortSignal): Promise<number> {
  using listener = await socket.create_server([bind, port]);
  console.log(`listening on port ${listener.getsockname()[1]}`);
  stop.addEventListener('abort', () => listener.close(), { once: true });
  try {
    for await (const [connection, peer] of listener.connections()) {
      console.log(`connection from ${peer?.[0]} port ${peer?.[1]}`);
      serveOne(connection, stop).catch((error) => {
        if (!stop.aborted) console.error(`throughput: ${error.message}`);
      });
    }
  } catch (error) {
    if (!stop.aborted) throw error;
  }
  return 0;
}

/** `940.3 Mbit/s`. */
function rate(bytes: number, milliseconds: number): string {
  const megabits = (bytes * 8) / 1e3 / Math.max(milliseconds, 1);
  return megabits >= 1000
    ? `${(megabits / 1000).toFixed(2)} Gbit/s`
    : `${megabits.toFixed(1)} Mbit/s`;
}

async function connect([host, port]: [string, number]) {
  try {
    return await socket.create_connection([host, port], { timeout: 10 });
  } catch (error) {
    throw new Complaint(`no server at ${host} port ${port}: ${(error as Error).message}`);
  }
}

/** One connection for as long as is measured; gives the bytes that arrived at its other end. */
async function measure(
  address: [string, number],
  direction: Direction,
  end: AbortSignal,
  count: (bytes: number) => void,
): Promise<number> {
  using sock = await connect(address);
  sock.settimeout(null);
  await sock.sendall(Buffer.from(direction.slice(0, 1)));
  if (direction === 'up') {
    await fill(sock, end, count);
    sock.shutdown(socket.SHUT_WR);
    return Number(await sock.recv(LONGEST_TEXT));
  }
  let total = 0;
  await drain(sock, end, (bytes) => {
    total += bytes;
    count(bytes);
  });
  return total;
}

async function client(host: string, options: Options, stop: AbortSignal): Promise<number> {
  const { port, both, reverse, parallel, time, interval } = options;
  const directions: Direction[] = both ? ['up', 'down'] : reverse ? ['down'] : ['up'];
  const end = new AbortController();
  setMaxListeners(0, end.signal);
  stop.addEventListener('abort', () => end.abort(), { once: true });

  const counts = { up: 0, down: 0 };
  const started = performance.now();
  let last = { ...counts, at: started };
  const isTerminal = process.stdout.isTTY;
  const show = () => {
    const now = performance.now();
    const rates = directions.map(
      (each) => `${each} ${rate(counts[each] - last[each], now - last.at)}`,
    );
    const line = `${((now - started) / MILLISECONDS).toFixed(1).padStart(6)} s  ${rates.join('  ')}`;
    // On a terminal the line stays and changes.
    process.stdout.write(isTerminal ? `\r\x1b[K${line}` : `${line}\n`);
    last = { ...counts, at: now };
  };
  const ticking = setInterval(show, interval * MILLISECONDS);
  const timer = setTimeout(() => end.abort(), time * MILLISECONDS);
  try {
    const running = directions.map(async (direction) => {
      const count = (bytes: number) => {
        counts[direction] += bytes;
      };
      const parts = Array.from({ length: parallel }, () =>
        measure([host, port], direction, end.signal, count),
      );
      const total = (await Promise.all(parts)).reduce((sum, bytes) => sum + bytes, 0);
      const took = performance.now() - started;
      const size = `${(total / 1e6).toFixed(1)} MB in ${(took / MILLISECONDS).toFixed(2)} s`;
      return `${direction.padEnd(4)} ${size}: ${rate(total, took)}`;
    });
    const summaries = await Promise.all(running);
    if (isTerminal) process.stdout.write('\r\x1b[K');
    for (const summary of summaries) console.log(summary);
  } finally {
    clearInterval(ticking);
    clearTimeout(timer);
    end.abort();
  }
  return 0;
}

await run(command, async (stop) => {
  const options = command.opts<Options>();
  const [host] = command.args;
  if (options.serve) return serve(options, stop);
  if (host === undefined) throw new Complaint('which host? Or --serve; see --help');
  return client(host, options, stop);
});

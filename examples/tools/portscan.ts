// Finds the open TCP ports of a host, with thousands of connects at once: `node portscan.js HOST`.

import { constants } from 'node:os';
import * as socket from 'berkeley-sockets';
import * as promises from 'berkeley-sockets/promises';
import cliProgress from 'cli-progress';
import { Command } from 'commander';
import { Complaint, number, run } from './support/command.js';
import { textOf } from './support/messages.js';
import { type FamilyOptions, findHost } from './support/resolve.js';

const command = new Command('portscan')
  .description(
    'Finds the TCP ports of a host that are open, closed (refused), or filtered (no answer). ' +
      'No privilege is needed. The exit status is 1 if none is open.',
  )
  .argument('<host>', 'name or address')
  .option('-4, --ipv4', 'IPv4 only')
  .option('-6, --ipv6', 'IPv6 only')
  .option('-a, --all', 'list the closed and the filtered ones, too')
  .option('-p, --ports <ranges>', 'which ports', '1-1024')
  .option('-P, --parallel <connects>', 'how many at once', number(1, 60_000), 1000)
  .option('-r, --retries <number>', 'for ports that do not answer', number(0, 10), 1)
  .option('-W, --timeout <seconds>', 'for each connect', number(0.01, 60, false), 1);

interface Options extends FamilyOptions {
  all?: boolean;
  ports: string;
  parallel: number;
  retries: number;
  timeout: number;
}

type State = 'open' | 'closed' | 'filtered';

const LAST_PORT = 65535;
const MILLISECONDS = 1000;
const { EACCES, EHOSTUNREACH, EMFILE, ENETUNREACH } = constants.errno;

/** The numbers of `22,80,8000-8100`, each once, from the least to the greatest. */
function portsOf(ranges: string): number[] {
  const found = ranges.split(',').flatMap((range) => {
    const [, from, to = from] = /^(\d+)(?:-(\d+))?$/.exec(range) ?? [];
    const [first, last] = [Number(from), Number(to)];
    if (!(first >= 1 && first <= last && last <= LAST_PORT)) {
      throw new Complaint(`'${range}' is no range of ports, such as 22 or 8000-8100`);
    }
    return Array.from({ length: last - first + 1 }, (_, index) => first + index);
  });
  return [...new Set(found)].sort((left, right) => left - right);
}

function openSocket(family: number): promises.socket<number> {
  try {
    return new promises.socket<number>(family, socket.SOCK_STREAM);
  } catch (error) {
    if (!(error instanceof socket.OSError) || error.errno !== EMFILE) throw error;
    throw new Complaint(
      "too many sockets for this process: use a smaller -P, or raise 'ulimit -n'",
    );
  }
}

/**
 * Whether a socket is connected to itself: the kernel gave it the very port that it asks for, and
 * TCP lets two ends open at once (RFC 9293, section 3.5) be one.
 */
function isOwn(sock: promises.socket<number>): boolean {
  return String(sock.getsockname()) === String(sock.getpeername());
}

async function scan(stop: AbortSignal): Promise<number> {
  const { ports, parallel, retries, timeout, all, ...only } = command.opts<Options>();
  const host = command.args[0] as string;
  const [family, target] = await findHost(host, only);
  const [numeric, , ...rest] = target;
  const address = textOf(target);

  const list = portsOf(ports);
  const states = new Map<number, State>();
  const bar = new cliProgress.SingleBar(
    {
      format: '{bar} {percentage}% | {value} of {total} ports | {open} open',
      clearOnComplete: true,
    },
    cliProgress.Presets.shades_classic,
  );
  const counts = { open: 0, closed: 0, filtered: 0 };
  const started = performance.now();
  bar.start(list.length, 0, counts);

  const probe = async (port: number) => {
    using sock = openSocket(family);
    const result = await sock.connect_ex([numeric, port, ...rest] as [string, number], {
      timeout,
      signal: stop,
    });
    if ([EACCES, EHOSTUNREACH, ENETUNREACH].includes(result)) {
      throw new socket.OSError(result, new socket.OSError(result, '').message);
    }
    const isOpen = result === 0 && !isOwn(sock);
    const isRefused = result === 0 || result === constants.errno.ECONNREFUSED;
    const state = isOpen ? 'open' : isRefused ? 'closed' : 'filtered';
    const earlier = states.get(port);
    if (earlier !== undefined) counts[earlier] -= 1;
    states.set(port, state);
    counts[state] += 1;
    bar.update(states.size, counts);
  };
  try {
    // What does not answer is asked again: networks, even the loopback, lose packets under load.
    for (let asked = 0, left = list; asked <= retries && left.length > 0; asked++) {
      // All workers take from the same iterator, each the next port as soon as it has an answer.
      const remaining = left.values();
      const worker = async () => {
        for (const port of remaining) await probe(port);
      };
      await Promise.all(Array.from({ length: Math.min(parallel, left.length) }, worker));
      left = left.filter((port) => states.get(port) === 'filtered');
    }
  } catch (error) {
    if (!stop.aborted) throw error;
  } finally {
    bar.stop();
  }

  const seconds = ((performance.now() - started) / MILLISECONDS).toFixed(2);
  for (const port of list) {
    const state = states.get(port);
    if (state !== 'open' && !(all && state)) continue;
    const service = await promises.getservbyport(port, 'tcp').catch(() => '');
    console.log(`${`${port}/tcp`.padEnd(9)}  ${state.padEnd(8)}  ${service}`.trimEnd());
  }
  const { open, closed, filtered } = counts;
  console.log(
    `${states.size} of ${list.length} ports of ${host} (${address}) in ${seconds} s: ` +
      `${open} open, ${closed} closed, ${filtered} filtered`,
  );
  return open > 0 ? 0 : 1;
}

await run(command, scan);

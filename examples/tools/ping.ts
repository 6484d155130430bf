// Asks a host whether it is there and how far it is, as iputils' ping does: `node ping.js HOST`.

import * as socket from 'berkeley-sockets';
import { Command } from 'commander';
import { number, run } from './support/command.js';
import { type Echo, EchoSocket } from './support/echo.js';
import { clock, somethingCame, textOf } from './support/messages.js';
import { whyNot } from './support/reasons.js';
import { type FamilyOptions, findHost } from './support/resolve.js';

const command = new Command('ping')
  .description(
    'Asks a host whether it is there, by echo requests of ICMP. No root is needed where ' +
      'net.ipv4.ping_group_range has a group of yours. The exit status is 1 if nobody answers.',
  )
  .argument('<host>', 'name or address')
  .option('-4, --ipv4', 'IPv4 only')
  .option('-6, --ipv6', 'IPv6 only')
  .option('-c, --count <requests>', 'how many; without it until Ctrl-C', number(1, 2 ** 31))
  .option('-i, --interval <seconds>', 'from one request to the next', number(0.002, 3600, false), 1)
  .option('-s, --size <bytes>', 'of data in each request', number(0, 65507), 56)
  .option('-t, --ttl <hops>', 'how many routers a request may pass, plus one', number(1, 255))
  .option(
    '-W, --timeout <seconds>',
    'for an answer where none came yet',
    number(0, 3600, false),
    10,
  );

interface Options extends FamilyOptions {
  count?: number;
  interval: number;
  size: number;
  ttl?: number;
  timeout: number;
}

const MILLISECONDS = 1000;
/** What the headers of IPv4 and ICMP take. */
const HEADER_BYTES = 28;

/** Counts, as iputils words them. */
class Statistics {
  readonly started = clock();
  readonly times: number[] = [];
  transmitted = 0;
  errors = 0;
  duplicates = 0;

  toString(): string {
    const { transmitted, errors, duplicates, times } = this;
    const lost = Number(((100 * (transmitted - times.length)) / (transmitted || 1)).toPrecision(6));
    const parts = [`${transmitted} packets transmitted`, `${times.length} received`];
    if (duplicates > 0) parts.push(`+${duplicates} duplicates`);
    if (errors > 0) parts.push(`+${errors} errors`);
    parts.push(`${lost}% packet loss`, `time ${Math.round(clock() - this.started)}ms`);
    if (times.length === 0) return `${parts.join(', ')}\n`;
    const mean = times.reduce((sum, time) => sum + time, 0) / times.length;
    const square = times.reduce((sum, time) => sum + time ** 2, 0) / times.length;
    const numbers = [Math.min(...times), mean, Math.max(...times), Math.sqrt(square - mean ** 2)];
    const rtt = numbers.map((value) => (value || 0).toFixed(3)).join('/');
    return `${parts.join(', ')}\nrtt min/avg/max/mdev = ${rtt} ms`;
  }
}

async function ping(stop: AbortSignal): Promise<number> {
  const { count = Infinity, interval, size, ttl, timeout, ...only } = command.opts<Options>();
  const host = command.args[0] as string;
  const [family, target] = await findHost(host, only);
  const address = textOf(target);
  using echo = new EchoSocket(family, target);
  if (ttl !== undefined) echo.ttl = ttl;
  if (family === socket.AF_INET6) console.log(`PING ${host}(${address}) ${size} data bytes`);
  else console.log(`PING ${host} (${address}) ${size}(${size + HEADER_BYTES}) bytes of data.`);

  const statistics = new Statistics();
  const payload = Buffer.from(Array.from({ length: size }, (_, index) => index));
  /** When each request went, by its number of 16 bits. */
  const sentAt = new Map<number, number>();
  /** Those that are not answered. */
  const open = new Set<number>();

  const request = () => {
    statistics.transmitted += 1;
    const sequence = statistics.transmitted & 0xffff;
    try {
      sentAt.set(sequence, echo.send(sequence, payload));
      open.add(sequence);
    } catch (error) {
      // A host that there is no way to is no host to wait for.
      const isFirst = statistics.transmitted === 1;
      if (isFirst || !(error instanceof socket.OSError)) throw error;
      console.error(`ping: ${error.syscall}: ${error.strerror}`);
    }
  };

  const report = ({ sequence, from, at, length, ttl: hops, error }: Echo) => {
    if (error) {
      statistics.errors += 1;
      if (sequence === undefined) console.error(`ping: local error: ${whyNot(error)}`);
      else console.log(`From ${from} icmp_seq=${sequence} ${whyNot(error)}`);
      return;
    }
    const began = sentAt.get(sequence as number);
    if (began === undefined) return;
    const isFirst = open.delete(sequence as number);
    // The clock may have been set meanwhile.
    const time = Math.max(at - began, 0);
    if (isFirst) statistics.times.push(time);
    else statistics.duplicates += 1;
    const told = `icmp_seq=${sequence} ttl=${hops} time=${time.toFixed(3)} ms`;
    console.log(`${length} bytes from ${from}: ${told}${isFirst ? '' : ' (DUP!)'}`);
  };

  const { times } = statistics;
  let next = clock();
  while (!stop.aborted && times.length + statistics.errors < count) {
    if (statistics.transmitted < count && clock() >= next) {
      request();
      next += interval * MILLISECONDS;
    }
    const isWaitingForLast = statistics.transmitted >= count;
    // What is still missing once others were answered will hardly come after twice their time.
    const patience =
      times.length > 0
        ? Math.max(2 * Math.max(...times), interval * MILLISECONDS)
        : timeout * MILLISECONDS;
    const limit = isWaitingForLast ? next - interval * MILLISECONDS + patience : next;
    const hasCome = await somethingCame(echo.sock, (limit - clock()) / MILLISECONDS, stop);
    for (const answer of echo.received()) report(answer);
    if (!hasCome && isWaitingForLast) break;
  }
  console.log(`\n--- ${host} ping statistics ---\n${statistics}`);
  return times.length > 0 ? 0 : 1;
}

await run(command, ping);

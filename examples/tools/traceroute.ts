// Shows the routers on the way to a host: `node traceroute.js HOST`.

import * as socket from 'berkeley-sockets';
import { getnameinfo } from 'berkeley-sockets/promises';
import { Command } from 'commander';
import { Complaint, number, run } from './support/command.js';
import { EchoSocket } from './support/echo.js';
import {
  type Address,
  arrival,
  clock,
  type DeliveryError,
  errorOf,
  messages,
  send,
  somethingCame,
  textOf,
} from './support/messages.js';
import { isExceeded, mark } from './support/reasons.js';
import { type FamilyOptions, findHost } from './support/resolve.js';

const command = new Command('traceroute')
  .description(
    'Shows the routers on the way to a host: packets with a small time to live die there, ' +
      'and the router says so. UDP needs no privilege.',
  )
  .argument('<host>', 'name or address')
  .option('-4, --ipv4', 'IPv4 only')
  .option('-6, --ipv6', 'IPv6 only')
  .option('-I, --icmp', 'send echo requests of ICMP instead of UDP')
  .option('-f, --first <ttl>', 'the first router to show', number(1, 255), 1)
  .option('-m, --max <ttl>', 'the last one', number(1, 255), 30)
  .option('-n, --numeric', 'addresses only, no names')
  .option('-p, --port <port>', 'the port of the first UDP probe', number(1, 60000), 33434)
  .option('-w, --wait <seconds>', 'for the answers of a hop', number(0.01, 60, false), 5);

interface Options extends FamilyOptions {
  icmp?: boolean;
  numeric?: boolean;
  first: number;
  max: number;
  port: number;
  wait: number;
}

const PROBES = 3;
const MILLISECONDS = 1000;
const PAYLOAD = Buffer.alloc(32, '@');
/** What both headers, IP's and UDP's or ICMP's, take. */
const HEADERS = { [socket.AF_INET]: 28, [socket.AF_INET6]: 48 } as Record<number, number>;

/** What came back for a probe. `error` is missing in an echo reply. */
interface Answer {
  /** The number of the probe. */
  sequence: number | undefined;
  from: string;
  at: number;
  error?: DeliveryError;
}

/** An answer in time. */
interface Result {
  from: string;
  /** Milliseconds from sending to the kernel's receiving. */
  time: number;
  error: DeliveryError | undefined;
}

/** How probes go out and answers come back; an EchoSocket is one. */
interface Prober extends Disposable {
  readonly sock: socket.socket<number>;
  set ttl(value: number);
  send(sequence: number, payload: Buffer): number;
  received(): Iterable<Answer>;
}

/** Each probe goes to a port of its own, which the queue of errors gives back. */
class UdpProber implements Prober {
  readonly sock: socket.socket<number>;
  readonly #isSix: boolean;

  constructor(
    family: number,
    readonly address: Address,
    readonly port: number,
  ) {
    this.#isSix = family === socket.AF_INET6;
    this.sock = new socket.socket<number>(family, socket.SOCK_DGRAM);
    this.sock.setblocking(false);
    this.sock.setsockopt(socket.SOL_SOCKET, socket.SO_TIMESTAMPNS, 1);
    if (this.#isSix) this.sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_RECVERR, 1);
    else this.sock.setsockopt(socket.IPPROTO_IP, socket.IP_RECVERR, 1);
  }

  set ttl(value: number) {
    if (this.#isSix) this.sock.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_UNICAST_HOPS, value);
    else this.sock.setsockopt(socket.IPPROTO_IP, socket.IP_TTL, value);
  }

  send(sequence: number, payload: Buffer): number {
    const [host, , ...rest] = this.address;
    return send(this.sock, payload, [host, this.port + sequence, ...rest]);
  }

  *received(): Generator<Answer> {
    for (const [, ancdata, , address] of messages(this.sock, socket.MSG_ERRQUEUE)) {
      const error = errorOf(ancdata);
      const [, port] = (address ?? ['', 0]) as [string, number];
      if (error === undefined) continue;
      const from = error.offender ? textOf(error.offender) : '';
      yield { sequence: port - this.port, from, at: arrival(ancdata), error };
    }
  }

  [Symbol.dispose](): void {
    this.sock.close();
  }
}

const names = new Map<string, Promise<string>>();

/** `router.example.org (10.0.0.1)`, once the name is known; asked for once, off the loop. */
function describe(address: string, isNumeric: boolean): Promise<string> | string {
  if (isNumeric) return address;
  const known = names.get(address);
  if (known !== undefined) return known;
  const asked = getnameinfo([address, 0], 0)
    .then(([name]) => `${name} (${address})`)
    .catch(() => `${address} (${address})`);
  names.set(address, asked);
  return asked;
}

/** A line about the answers of a hop: each router is named once, in front of its times. */
async function line(ttl: number, results: (Result | null)[], isNumeric: boolean): Promise<string> {
  const parts = [String(ttl).padStart(2)];
  let last: string | undefined;
  for (const result of results) {
    if (result === null) {
      parts.push(parts.length === 1 ? ' *' : '*');
      continue;
    }
    const { from, time, error } = result;
    if (from !== last) parts.push(` ${await describe(from, isNumeric)}`);
    last = from;
    parts.push(` ${time.toFixed(3)} ms`);
    if (error && mark(error)) parts.push(mark(error));
  }
  return parts.join(' ');
}

async function traceroute(stop: AbortSignal): Promise<number> {
  const { first, max, wait, numeric = false, ...options } = command.opts<Options>();
  const host = command.args[0] as string;
  if (first > max) throw new Complaint(`the first hop, ${first}, is behind the last one, ${max}`);
  const [family, target] = await findHost(host, options);
  const address = textOf(target);
  using prober: Prober = options.icmp
    ? new EchoSocket(family, target)
    : new UdpProber(family, target, options.port);
  const size = (HEADERS[family] as number) + PAYLOAD.length;
  console.log(`traceroute to ${host} (${address}), ${max} hops max, ${size} byte packets`);

  for (let ttl = first; ttl <= max && !stop.aborted; ttl++) {
    const base = (ttl - first) * PROBES;
    const sent: number[] = [];
    const results: (Result | null)[] = Array(PROBES).fill(null);
    prober.ttl = ttl;
    for (let index = 0; index < PROBES; index++) {
      sent.push(prober.send(base + index, PAYLOAD));
    }
    const end = clock() + wait * MILLISECONDS;
    while (results.includes(null)) {
      if (!(await somethingCame(prober.sock, (end - clock()) / MILLISECONDS, stop))) break;
      for (const { sequence = -1, from, at, error } of prober.received()) {
        const sentAt = sent[sequence - base];
        // What comes too late belongs to an earlier hop.
        if (sentAt === undefined) continue;
        results[sequence - base] ??= { from, time: Math.max(at - sentAt, 0), error };
      }
    }
    console.log(await line(ttl, results, numeric));
    // Anything but "too many routers" is the end of the way.
    if (results.some((result) => result && !(result.error && isExceeded(result.error)))) return 0;
  }
  return 1;
}

await run(command, traceroute);

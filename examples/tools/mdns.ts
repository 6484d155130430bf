// Lists what a network offers, by multicast DNS: `node mdns.js`, `node mdns.js _http._tcp`.

import * as socket from 'berkeley-sockets';
import { join_group } from 'berkeley-sockets/options';
import { Command } from 'commander';
import { Complaint, number, run } from './support/command.js';
import { buildQuery, parseAnswer, type Type } from './support/dns.js';
import { clock, messages, somethingCame } from './support/messages.js';

const command = new Command('mdns')
  .description(
    'Lists the services of a network by multicast DNS (RFC 6762, RFC 6763): the kinds that there ' +
      'are, or those of one kind. The exit status is 1 if there are none.',
  )
  .argument('[service]', 'the kind, such as _http._tcp')
  .option('-i, --interface <name>', 'where to ask (default: where the route goes)')
  .option('-W, --timeout <seconds>', 'for the answers', number(0.2, 60, false), 2);

const GROUP = '224.0.0.251';
const PORT = 5353;
const KINDS = '_services._dns-sd._udp.local';
/** How often is asked, since datagrams get lost; what is known is not asked again. */
const ROUNDS = 2;
const MILLISECONDS = 1000;

function open(device: string | undefined): socket.socket {
  const sock = new socket.socket(socket.AF_INET, socket.SOCK_DGRAM);
  // Others on this machine listen there as well.
  sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1);
  sock.bind(['', PORT]);
  try {
    join_group(sock, GROUP, device === undefined ? {} : { interface: device });
  } catch (error) {
    throw new Complaint(`${device ?? 'no interface for multicast'}: ${(error as Error).message}`);
  }
  if (device !== undefined) {
    // struct ip_mreqn of ip(7): two addresses and the number of the interface.
    const request = Buffer.alloc(12);
    new Int32Array(request.buffer, request.byteOffset)[2] = socket.if_nametoindex(device);
    sock.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, request);
  }
  return sock;
}

/** All that was answered. */
class Answers {
  readonly #values = new Map<string, Set<string>>();

  /** Names of DNS are the same in capital letters. */
  #key = (name: string, type: Type) => `${type} ${name.toLowerCase()}`;

  take(message: Buffer): void {
    try {
      for (const { name, type, values } of parseAnswer(message)) {
        const key = this.#key(name, type);
        const known = this.#values.get(key) ?? new Set();
        for (const value of values) known.add(value);
        this.#values.set(key, known);
      }
    } catch (error) {
      // Anybody may send anything to the group.
      if (!(error instanceof RangeError)) throw error;
    }
  }

  get(name: string, type: Type): string[] {
    return [...(this.#values.get(this.#key(name, type)) ?? [])];
  }
}

async function browse(stop: AbortSignal): Promise<number> {
  const [service] = command.args;
  const { interface: device, timeout } = command.opts<{ interface?: string; timeout: number }>();
  const wanted = service === undefined ? KINDS : `${service.replace(/\.local\.?$/, '')}.local`;
  using sock = open(device);
  const answers = new Answers();
  for (let round = 1; round <= ROUNDS && !stop.aborted; round++) {
    const names = service === undefined ? [] : answers.get(wanted, 'PTR');
    const unknown = names.filter((name) => answers.get(name, 'SRV').length === 0);
    const details = unknown.flatMap((name) => [[name, 'SRV'] as const, [name, 'TXT'] as const]);
    sock.sendto(buildQuery([[wanted, 'PTR'], ...details]), [GROUP, PORT]);
    const end = clock() + (timeout / ROUNDS) * MILLISECONDS;
    while (await somethingCame(sock, (end - clock()) / MILLISECONDS, stop)) {
      for (const [message] of messages(sock)) answers.take(message);
    }
  }
  const found = answers.get(wanted, 'PTR').sort();
  for (const name of found) {
    if (service === undefined) console.log(name);
    else {
      const [port, host = ''] = answers.get(name, 'SRV');
      const addresses = [...answers.get(host, 'A'), ...answers.get(host, 'AAAA')];
      const title = name.slice(0, -wanted.length - 1).replace(/\\(.)/g, '$1');
      const place = port === undefined ? 'nobody says where' : `${host} port ${port}`;
      console.log([title, place, ...addresses].join('  '));
      for (const text of answers.get(name, 'TXT')) console.log(`  ${text}`);
    }
  }
  console.error(`${service === undefined ? 'kinds of services' : 'services'}: ${found.length}`);
  return found.length > 0 ? 0 : 1;
}

await run(command, browse);

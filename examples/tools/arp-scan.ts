// Finds the hosts of a network by asking for the hardware address of each: `node arp-scan.js`.

import { setTimeout as delay } from 'node:timers/promises';
import { Command } from 'commander';
import { ArpSocket, findPlace, toAddress, toNumber } from './support/arp.js';
import { Complaint, number, run } from './support/command.js';
import { clock, somethingCame } from './support/messages.js';

const command = new Command('arp-scan')
  .description(
    'Finds the hosts of a network: each must tell its hardware address, whatever it drops. ' +
      'The exit status is 1 if none is found.',
  )
  .argument('[network]', 'such as 192.168.1.0/24 (default: that of the interface)')
  .option('-I, --interface <name>', 'where to ask (default: the one in that network)')
  .option('-r, --rounds <number>', 'how often to ask', number(1, 10), 2)
  .option('--rate <questions>', 'per second', number(1, 100_000), 2000)
  .option('-W, --timeout <seconds>', 'for answers after a round', number(0, 60, false), 0.5);

interface Options {
  interface?: string;
  rounds: number;
  rate: number;
  timeout: number;
}

const MILLISECONDS = 1000;
const BATCH = 32;
/** Larger networks than this one, /16, are no local networks. */
const MOST_HOSTS = 65536;

/** The addresses that hosts of a network can have. */
function hostsOf(network: string): string[] {
  const [, base, digits] = /^(\d+\.\d+\.\d+\.\d+)\/(\d+)$/.exec(network) ?? [];
  const bits = Number(digits);
  if (base === undefined || !(bits <= 32))
    throw new Complaint(`${network} is no network: 10.0.0.0/24`);
  const size = 2 ** (32 - bits);
  if (size > MOST_HOSTS) throw new Complaint(`${network} has ${size} addresses; /16 is the most`);
  const first = Math.floor(toNumber(base) / size) * size;
  const all = Array.from({ length: size }, (_, index) => toAddress(first + index));
  // The first address is the network's, the last one the broadcast; a pair has neither (RFC 3021).
  return size > 2 ? all.slice(1, -1) : all;
}

function widthOf(netmask: string): number {
  return toNumber(netmask).toString(2).replaceAll('0', '').length;
}

async function scan(stop: AbortSignal): Promise<number> {
  const { rounds, rate, timeout, interface: name } = command.opts<Options>();
  const [given] = command.args;
  const target = given === undefined ? undefined : hostsOf(given)[0];
  const place = findPlace(name, target);
  const base = toAddress((toNumber(place.address) & toNumber(place.netmask)) >>> 0);
  const network = given ?? `${base}/${widthOf(place.netmask)}`;
  const hosts = hostsOf(network).filter((host) => host !== place.address);
  using arp = new ArpSocket(place);
  console.error(`asking for ${hosts.length} addresses of ${network} on ${place.name}`);

  const started = clock();
  const found = new Map<string, string>();
  const take = () => {
    for (const { address, hardware } of arp.received()) {
      const known = found.get(address);
      if (known !== undefined && known !== hardware) console.log(`${address} is also ${hardware}`);
      if (known === undefined) found.set(address, hardware);
    }
  };
  for (let round = 0; round < rounds && !stop.aborted; round++) {
    const left = hosts.filter((host) => !found.has(host));
    for (let first = 0; first < left.length && !stop.aborted; first += BATCH) {
      arp.ask(left.slice(first, first + BATCH));
      await delay((BATCH / rate) * MILLISECONDS);
      take();
    }
    const end = clock() + timeout * MILLISECONDS;
    while (await somethingCame(arp.sock, (end - clock()) / MILLISECONDS, stop)) take();
  }
  const rows = [...found].sort(([left], [right]) => toNumber(left) - toNumber(right));
  for (const [address, hardware] of rows) console.log(`${address.padEnd(15)}  ${hardware}`);
  const seconds = ((clock() - started) / MILLISECONDS).toFixed(2);
  console.error(`${found.size} of ${hosts.length} addresses are in use; asked for ${seconds} s`);
  return found.size > 0 ? 0 : 1;
}

await run(command, scan);

// Asks who has an IPv4 address on the local network: `node arping.js ADDRESS`.

import { Command } from 'commander';
import { ArpSocket, findPlace } from './support/arp.js';
import { number, run } from './support/command.js';
import { clock, somethingCame } from './support/messages.js';
import { resolveAddress } from './support/resolve.js';

const command = new Command('arping')
  .description(
    'Asks who has an address on the local network, which hosts answer that drop everything else. ' +
      'The exit status is 1 if nobody answers.',
  )
  .argument('<host>', 'name or IPv4 address')
  .option('-I, --interface <name>', 'where to ask (default: the one in the same network)')
  .option('-c, --count <questions>', 'how many; without it until Ctrl-C', number(1, 2 ** 31))
  .option('-i, --interval <seconds>', 'from one to the next', number(0.01, 3600, false), 1)
  .option('-W, --timeout <seconds>', 'for the last answer', number(0, 3600, false), 1);

interface Options {
  interface?: string;
  count?: number;
  interval: number;
  timeout: number;
}

const MILLISECONDS = 1000;

async function arping(stop: AbortSignal): Promise<number> {
  const { count = Infinity, interval, timeout, ...options } = command.opts<Options>();
  const target = await resolveAddress(command.args[0] as string);
  const place = findPlace(options.interface, target);
  using arp = new ArpSocket(place);
  console.log(`ARPING ${target} from ${place.address} ${place.name}`);

  let sent = 0;
  let answered = 0;
  let received = 0;
  let sentAt = 0;
  let next = clock();
  while (!stop.aborted && answered < count) {
    if (sent < count && clock() >= next) {
      sentAt = arp.ask([target]);
      sent += 1;
      next += interval * MILLISECONDS;
    }
    const isLast = sent >= count;
    const limit = isLast ? sentAt + timeout * MILLISECONDS : next;
    const hasCome = await somethingCame(arp.sock, (limit - clock()) / MILLISECONDS, stop);
    for (const { address, hardware, at } of arp.received()) {
      if (address !== target) continue;
      received += 1;
      answered = Math.max(answered, Math.min(received, sent));
      const time = Math.max(at - sentAt, 0).toFixed(3);
      console.log(`Unicast reply from ${address} [${hardware.toUpperCase()}]  ${time}ms`);
    }
    if (!hasCome && isLast) break;
  }
  console.log(`Sent ${sent} probes\nReceived ${received} responses`);
  return received > 0 ? 0 : 1;
}

await run(command, arping);

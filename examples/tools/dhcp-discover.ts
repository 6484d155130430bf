// Asks which DHCP servers are on a network, and what they offer: `node dhcp-discover.js INTERFACE`.

import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import * as socket from 'berkeley-sockets';
import { bind_to_device } from 'berkeley-sockets/options';
import { Command } from 'commander';
import { Complaint, NEEDS_BIND_SERVICE, number, run } from './support/command.js';
import { clock, messages, somethingCame } from './support/messages.js';

const command = new Command('dhcp-discover')
  .description(
    'Asks all DHCP servers on a network for an offer (RFC 2131), and takes none. The interface ' +
      'needs no address. The exit status is 1 if nobody offers one.',
  )
  .argument('<interface>', 'where to ask')
  .option('-W, --timeout <seconds>', 'for the offers', number(0.1, 60, false), 3);

const SERVER_PORT = 67;
const CLIENT_PORT = 68;
const MILLISECONDS = 1000;

// The fixed part of a message, and the number that options follow.
const FIXED_BYTES = 236;
const TRANSACTION = 4;
const FLAGS = 10;
const YOUR_ADDRESS = 16;
const HARDWARE = 28;
const MAGIC = 0x63825363;
const BROADCAST_FLAG = 0x8000;
const REQUEST = 1;
const REPLY = 2;

const MESSAGE_TYPE = 53;
const DISCOVER = 1;
const OFFER = 2;
const SERVER = 54;
const END = 255;

const addresses = (data: Buffer) =>
  Array.from({ length: data.length >> 2 }, (_, index) =>
    socket.inet_ntoa(data.subarray(4 * index, 4 * index + 4)),
  ).join(' ');
const seconds = (data: Buffer) => (data.length === 4 ? `${data.readUInt32BE()} s` : '?');
const text = (data: Buffer) => data.toString('latin1');

/** The options that are shown (RFC 2132), which are those that are asked for. */
const SHOWN: readonly (readonly [option: number, name: string, show: (data: Buffer) => string])[] =
  [
    [1, 'subnet mask', addresses],
    [3, 'router', addresses],
    [6, 'name server', addresses],
    [12, 'host name', text],
    [15, 'domain', text],
    [42, 'time server', addresses],
    [51, 'lease', seconds],
  ];

function discover(hardware: Buffer, transaction: Buffer): Buffer {
  const message = Buffer.alloc(FIXED_BYTES);
  message.set([REQUEST, 1, hardware.length]);
  message.set(transaction, TRANSACTION);
  // Without an address nothing but a broadcast can reach us.
  message.writeUInt16BE(BROADCAST_FLAG, FLAGS);
  message.set(hardware, HARDWARE);
  const magic = Buffer.alloc(4);
  magic.writeUInt32BE(MAGIC);
  const wanted = [55, SHOWN.length, ...SHOWN.map(([option]) => option)];
  return Buffer.concat([message, magic, Buffer.from([MESSAGE_TYPE, 1, DISCOVER, ...wanted, END])]);
}

/** The options of an offer that answers our question; undefined for anything else. */
function parseOffer(message: Buffer, transaction: Buffer): Map<number, Buffer> | undefined {
  if (message.length < FIXED_BYTES + 4 || message[0] !== REPLY) return undefined;
  if (!message.subarray(TRANSACTION, TRANSACTION + 4).equals(transaction)) return undefined;
  if (message.readUInt32BE(FIXED_BYTES) !== MAGIC) return undefined;
  const options = new Map<number, Buffer>();
  for (let at = FIXED_BYTES + 4; at < message.length && message[at] !== END; ) {
    // Option 0 is padding of one byte.
    const length = message[at] === 0 ? -1 : (message[at + 1] ?? 0);
    if (length >= 0) options.set(message[at] as number, message.subarray(at + 2, at + 2 + length));
    at += 2 + length;
  }
  return options.get(MESSAGE_TYPE)?.[0] === OFFER ? options : undefined;
}

function hardwareOf(device: string): Buffer {
  try {
    const digits = readFileSync(`/sys/class/net/${device}/address`, 'latin1').trim();
    return Buffer.from(digits.replaceAll(':', ''), 'hex');
  } catch {
    throw new Complaint(`there is no interface ${device}`);
  }
}

function open(device: string): socket.socket {
  const sock = new socket.socket(socket.AF_INET, socket.SOCK_DGRAM);
  sock.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1);
  // A client of the system's may use the port as well.
  sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1);
  bind_to_device(sock, device);
  try {
    sock.bind(['', CLIENT_PORT]);
  } catch (error) {
    if (!(error instanceof socket.PermissionError)) throw error;
    throw new Complaint(`port ${CLIENT_PORT}: ${error.message}: ${NEEDS_BIND_SERVICE}`);
  }
  return sock;
}

async function ask(stop: AbortSignal): Promise<number> {
  const device = command.args[0] as string;
  const { timeout } = command.opts<{ timeout: number }>();
  const hardware = hardwareOf(device);
  const transaction = randomBytes(4);
  using sock = open(device);
  sock.sendto(discover(hardware, transaction), ['255.255.255.255', SERVER_PORT]);
  console.error(`asked on ${device}, waiting ${timeout} s for offers`);

  let offers = 0;
  const end = clock() + timeout * MILLISECONDS;
  while (await somethingCame(sock, (end - clock()) / MILLISECONDS, stop)) {
    for (const [message, , , from] of messages(sock)) {
      const options = parseOffer(message, transaction);
      if (options === undefined) continue;
      offers += 1;
      const offered = addresses(message.subarray(YOUR_ADDRESS, YOUR_ADDRESS + 4));
      const server = options.get(SERVER);
      console.log(`${server ? addresses(server) : from?.[0]} offers ${offered}`);
      for (const [option, name, show] of SHOWN) {
        const data = options.get(option);
        if (data !== undefined) console.log(`  ${name.padEnd(12)} ${show(data)}`);
      }
    }
  }
  console.error(`${offers} ${offers === 1 ? 'offer' : 'offers'}`);
  return offers > 0 ? 0 : 1;
}

await run(command, ask);

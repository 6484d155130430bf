// Asking for hardware addresses (RFC 826) on an interface.

import { networkInterfaces } from 'node:os';
import * as socket from 'berkeley-sockets';
import { arp, ethernet } from 'berkeley-sockets/packet';
import { Complaint } from './command.js';
import { arrival, clock, messages } from './messages.js';

const BROADCAST = 'ff:ff:ff:ff:ff:ff';

/** An interface's first address of IPv4. */
export interface Place {
  name: string;
  address: string;
  netmask: string;
}

/** An address as a number, for comparing and counting. */
export const toNumber = (address: string): number => socket.inet_aton(address).readUInt32BE();

/** A number as an address. */
export function toAddress(value: number): string {
  const bytes = Buffer.alloc(4);
  bytes.writeUInt32BE(value);
  return socket.inet_ntoa(bytes);
}

/** Whether two addresses are in the same network. */
function areNeighbours(left: string, right: string, netmask: string): boolean {
  return ((toNumber(left) ^ toNumber(right)) & toNumber(netmask)) === 0;
}

/** The interface to ask on: that of the name, or the one whose network has the target in it. */
export function findPlace(name: string | undefined, target?: string): Place {
  for (const [each, addresses = []] of Object.entries(networkInterfaces())) {
    for (const { family, address, netmask, internal } of addresses) {
      if (family !== 'IPv4' || (name !== undefined ? each !== name : internal)) continue;
      if (name === undefined && target && !areNeighbours(address, target, netmask)) continue;
      return { name: each, address, netmask };
    }
  }
  const wanted = name === undefined ? `no interface is in the network of ${target}` : undefined;
  throw new Complaint(wanted ?? `interface ${name} is down, missing, or without an IPv4 address`);
}

/** What came for a question. */
export interface ArpAnswer {
  address: string;
  hardware: string;
  /** Milliseconds since 1970. */
  at: number;
}

/** Questions and answers on one interface. */
export class ArpSocket implements Disposable {
  readonly sock: socket.socket<typeof socket.AF_PACKET>;
  readonly #place: Place;
  readonly #hardware: Buffer;

  constructor(place: Place) {
    this.#place = place;
    this.sock = new socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0);
    this.sock.setsockopt(socket.SOL_SOCKET, socket.SO_TIMESTAMPNS, 1);
    this.sock.bind([place.name, socket.ETH_P_ARP]);
    this.#hardware = this.sock.getsockname()[4];
  }

  /**
   * Asks who has these addresses, with as few system calls as can be.
   *
   * @returns when it began to
   */
  ask(targets: readonly string[]): number {
    let frames = targets.map((target) => this.#question(target));
    const at = clock();
    while (frames.length > 0) frames = frames.slice(this.sock.sendmmsg(frames).length);
    return at;
  }

  #question(target: string): Buffer {
    const question = arp.build({
      operation: arp.REQUEST,
      senderHardware: this.#hardware,
      senderProtocol: this.#place.address,
      targetProtocol: target,
    });
    const header = { destination: BROADCAST, source: this.#hardware, type: socket.ETH_P_ARP };
    return ethernet.build(header, question);
  }

  /** The answers that have come by now. */
  *received(): Generator<ArpAnswer> {
    for (const [frame, ancdata] of messages(this.sock)) {
      const answer = arp.parse(ethernet.parse(frame).payload);
      const { operation, senderProtocol: address, senderHardware: hardware } = answer;
      if (operation !== arp.REPLY || typeof address !== 'string') continue;
      yield { address, hardware: String(hardware), at: arrival(ancdata) };
    }
  }

  [Symbol.dispose](): void {
    this.sock.close();
  }
}

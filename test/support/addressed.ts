// The calls that take an address, to give each of them the same bad ones.

import * as socket from 'berkeley-sockets';
import { assertRefusals, type Loose, loose, type Refusals } from './exceptions.js';

const X = Buffer.from('x');

/** Calls that take an address, each time on a new datagram socket. */
export function addressed(call: (sock: Loose, address: unknown) => unknown, family: number) {
  return (address: unknown) => {
    const sock = new socket.socket(family, socket.SOCK_DGRAM);
    try {
      return call(loose(sock), address);
    } finally {
      sock.close();
    }
  };
}

/** The calls by their names. */
export const CALLS: [name: string, call: (sock: Loose, address: unknown) => unknown][] = [
  ['bind', (s, address) => s.bind(address)],
  ['connect', (s, address) => s.connect(address)],
  ['connect_ex', (s, address) => s.connect_ex(address)],
  ['sendto', (s, address) => s.sendto(X, address)],
  ['sendmsg', (s, address) => s.sendmsg([X], [], 0, address)],
];

/** What is wrong, the address, and what it throws. */
export type BadAddresses = [what: string, address: unknown, text: string][];

/** Gives the addresses to every call that takes one; `METHOD` in a text is the call's name. */
export function refuseEverywhere(family: number, addresses: BadAddresses): void {
  for (const [name, call] of CALLS) {
    const take = addressed(call, family);
    const refusals: Refusals<typeof take> = addresses
      .filter(([, address]) => address !== null || name !== 'sendmsg')
      .map(([what, address, text]) => [
        `${name} of ${what}`,
        (target) => target(address),
        text.replace('METHOD', name),
      ]);
    assertRefusals(take, refusals);
  }
}

// A host's address, for the tools that speak to one host.

import * as socket from 'berkeley-sockets';
import { getaddrinfo } from 'berkeley-sockets/promises';
import { Complaint } from './command.js';
import type { Address } from './messages.js';

/** The options of a tool that may be kept to one family. */
export interface FamilyOptions {
  ipv4?: boolean;
  ipv6?: boolean;
}

/** The family and the first address of a host. */
export async function findHost(
  host: string,
  { ipv4 = false, ipv6 = false }: FamilyOptions,
): Promise<[family: number, address: Address]> {
  const wanted = ipv4 ? socket.AF_INET : ipv6 ? socket.AF_INET6 : socket.AF_UNSPEC;
  try {
    const [found] = await getaddrinfo(host, null, wanted, socket.SOCK_STREAM);
    const [family, , , , address] = found as [number, number, number, string, Address];
    return [family, address];
  } catch (error) {
    if (!(error instanceof socket.gaierror)) throw error;
    throw new Complaint(`${host}: ${error.strerror}`);
  }
}

/** The first address of IPv4 of a host. */
export async function resolveAddress(host: string): Promise<string> {
  const [, [address]] = await findHost(host, { ipv4: true });
  return address;
}

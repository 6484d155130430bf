// A host's address, for the tools that speak to one host.

import * as socket from 'berkeley-sockets';
import { getaddrinfo } from 'berkeley-sockets/promises';

/** The first address of a host, of IPv4 unless another family is given. */
export async function resolveAddress(
  host: string,
  family: number = socket.AF_INET,
): Promise<string> {
  const [found] = await getaddrinfo(host, null, family, socket.SOCK_STREAM);
  return (found as [number, number, number, string, [string, number]])[4][0];
}

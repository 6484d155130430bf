// The look-ups of both flavours, with the resolver failing here and on the threads of the pool.

import * as blocking from 'berkeley-sockets';
import * as promises from 'berkeley-sockets/promises';
import '../support/leaks.js';
import { walksOf } from './walk.js';

const NUMERIC = blocking.AI_NUMERICHOST;
/** A signal that ends a look-up is told, as Python does: nobody knows how far libc has come. */
const told = { hides: [] };

for (const [module, socket] of [
  ['berkeley-sockets', blocking],
  ['berkeley-sockets/promises', promises],
] as const) {
  const { making, pure } = walksOf(module);
  making('getaddrinfo of a number', () => socket.getaddrinfo('127.0.0.1', 80), told);
  making(
    'getaddrinfo of a number, which is never asked for',
    () => socket.getaddrinfo('::1', 80, 0, 0, 0, NUMERIC),
    told,
  );
  making('getaddrinfo of a name', () => socket.getaddrinfo('localhost', 80), told);
  making('getnameinfo of a number', () => socket.getnameinfo(['127.0.0.1', 80], 3), told);
  making('getnameinfo of a name', () => socket.getnameinfo(['127.0.0.1', 80], 0), told);
  making('gethostbyname', () => socket.gethostbyname('localhost'), told);
  making('gethostbyname_ex', () => socket.gethostbyname_ex('localhost'), told);
  // The name may be anything: only that there is one matters.
  making('gethostbyaddr', async () => typeof (await socket.gethostbyaddr('localhost'))[0], told);
  making('getfqdn', async () => typeof (await socket.getfqdn('localhost')), told);
  making('gethostname', () => socket.gethostname());
  making('if_nameindex', () => socket.if_nameindex());
  making('if_indextoname', () => socket.if_indextoname(1));
  making('sethostname', () => socket.sethostname(socket.gethostname()));
  pure('htonl', () => socket.htonl(1));
  pure('htons', () => socket.htons(1));
  pure('ntohl', () => socket.ntohl(1));
  pure('ntohs', () => socket.ntohs(1));
  pure('inet_aton', () => socket.inet_aton('127.0.0.1'));
  pure('inet_ntoa', () => socket.inet_ntoa(Buffer.from([127, 0, 0, 1])));
  pure('inet_pton', () => socket.inet_pton(socket.AF_INET6, '::1'));
  pure('inet_ntop', () => socket.inet_ntop(socket.AF_INET, Buffer.from([127, 0, 0, 1])));
  pure('CMSG_LEN', () => socket.CMSG_LEN(4));
  pure('CMSG_SPACE', () => socket.CMSG_SPACE(4));
  pure('getdefaulttimeout', () => socket.getdefaulttimeout());
  pure('setdefaulttimeout', () => socket.setdefaulttimeout(null));
}

// Names and addresses.

import * as socket from 'berkeley-sockets';

const { AddressFamily, AF_INET6, SocketKind } = socket;
const found = socket.getaddrinfo('127.0.0.1', 80, {
  type: socket.SOCK_STREAM,
  flags: socket.AI_NUMERICHOST,
});
for (const [family, kind, proto, , address] of found) {
  const names = [AddressFamily[family], SocketKind[kind]];
  console.log(...names, proto, ...address);
}
const NUMERIC =
  socket.NI_NUMERICHOST | socket.NI_NUMERICSERV;
const [host, service] = socket.getnameinfo(
  ['::1', 443],
  NUMERIC,
);
console.log(host, service);
const packed = socket.inet_pton(AF_INET6, 'fe80::0:1');
const text = socket.inet_ntop(AF_INET6, packed);
console.log(packed.toString('hex'), text);

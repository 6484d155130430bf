// Asks a name server at the given port for the addresses of a name: DNS by hand (RFC 1035).

import { randomBytes } from 'node:crypto';
import * as socket from 'berkeley-sockets';

const [, , name = '', port] = process.argv;
const parts = [
  randomBytes(2),
  Buffer.of(1, 0, 0, 1, 0, 0, 0, 0, 0, 0),
];
for (const label of name.split('.')) {
  parts.push(Buffer.of(label.length), Buffer.from(label));
}
parts.push(Buffer.of(0, 0, 1, 0, 1)); // type A, class IN
const query = Buffer.concat(parts);

using sock = new socket.socket({ type: socket.SOCK_DGRAM });
sock.settimeout(10);
sock.connect(['127.0.0.1', Number(port)]);
sock.send(query);
const answer = sock.recv(512);

if (answer.readUInt16BE(0) !== query.readUInt16BE(0)) {
  throw new Error('this answers another question');
}
const count = answer.readUInt16BE(6);
let at = query.length; // the question comes back first
for (let each = 0; each < count; each++) {
  // The name is a pointer of two bytes.
  const kind = answer.readUInt16BE(at + 2);
  const ttl = answer.readUInt32BE(at + 6);
  const length = answer.readUInt16BE(at + 10);
  at += 12;
  const data = answer.subarray(at, at + length);
  if (kind === 1) console.log(socket.inet_ntoa(data), ttl);
  at += length;
}

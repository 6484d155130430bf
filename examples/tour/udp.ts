// The tour's step with datagrams over IPv4.

import assert from 'node:assert/strict';
import * as socket from 'berkeley-sockets';
import type { Say } from './report.js';

const { AF_INET, SOCK_DGRAM } = socket;

export function echoOverUdp(say: Say): void {
  using server = new socket.socket(AF_INET, SOCK_DGRAM);
  using client = new socket.socket(AF_INET, SOCK_DGRAM);
  server.bind(['127.0.0.1', 0]);

  // A datagram needs no connection: each one carries its receiver's address.
  client.sendto(Buffer.from('ping'), server.getsockname());
  const [request, sender] = server.recvfrom(1024);
  // recvfrom gives null where nobody is named, as on a connected stream; UDP names its sender.
  assert(sender !== null);
  say(`the server got '${request}' from ${sender[0]} port ${sender[1]}`);
  assert.deepEqual([request.toString(), sender], ['ping', ['127.0.0.1', client.getsockname()[1]]]);

  server.sendto(Buffer.from('pong'), sender);
  const [answer, origin] = client.recvfrom(1024);
  say(`the client got '${answer}' from ${origin?.[0]} port ${origin?.[1]}`);
  assert.deepEqual([answer.toString(), origin], ['pong', server.getsockname()]);

  // Datagrams keep their borders, and what a recv has no room for is lost.
  client.connect(server.getsockname());
  client.send(Buffer.from('first datagram'));
  client.send(Buffer.from('second'));
  const pieces = [server.recv(5).toString(), server.recv(1024).toString()];
  say(`two datagrams, received with room for 5 and 1024 bytes: '${pieces.join("', '")}'`);
  assert.deepEqual(pieces, ['first', 'second']);
}

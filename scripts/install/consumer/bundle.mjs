// A program to be bundled: it uses both flavours; the last line is "done …".

import assert from 'node:assert/strict';
import * as socket from 'berkeley-sockets';
import * as promises from 'berkeley-sockets/promises';

async function main() {
  const server = socket.create_server(['127.0.0.1', 0]);
  const client = await promises.create_connection(server.getsockname());
  const [accepted] = server.accept();
  const received = client.recv(10);
  accepted.sendall(Buffer.from('bundled'));
  assert.equal((await received).toString(), 'bundled');
  for (const sock of [accepted, client, server]) sock.close();
  console.log(`done with ${import.meta.dirname ? 'an ES module' : 'CommonJS'}`);
}

void main();

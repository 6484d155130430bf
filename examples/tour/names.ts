// The tour's step that looks up a name.

import assert from 'node:assert/strict';
import * as socket from 'berkeley-sockets';
import { raised, type Say } from './report.js';

const { AddressFamily, SocketKind } = socket;

export function lookUpLocalhost(say: Say): void {
  const entries = socket.getaddrinfo('localhost', 80, { type: socket.SOCK_STREAM });
  for (const [family, type, proto, , address] of entries) {
    // What the first three need is what `new socket()` takes, the last is for connect.
    const names = `${AddressFamily[family]}, ${SocketKind[type]}, protocol ${proto}`;
    say(`${names}: ${address[0]} port ${address[1]}`);
  }
  const hosts = entries.map(([, , , , [host]]) => host);
  assert(hosts.includes('127.0.0.1') || hosts.includes('::1'), 'localhost is somebody else');

  // The top level domain .invalid never exists (RFC 2606); no name server is needed for this one.
  const hints = { flags: socket.AI_NUMERICHOST };
  const error = raised(socket.gaierror, () => socket.getaddrinfo('nobody.invalid', 80, hints));
  say('a name where only numbers are allowed:');
  say(`  ${error.name}: ${error.message}`);
  assert.equal(error.errno, socket.EAI_NONAME);
}

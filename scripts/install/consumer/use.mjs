// Imports every public module of the installed package and uses it; the last line is "done …".

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { isMainThread, Worker } from 'node:worker_threads';
import * as socket from 'berkeley-sockets';
import { encode, get, space } from 'berkeley-sockets/ancillary';
import { toStream } from 'berkeley-sockets/interop';
import { peercred } from 'berkeley-sockets/options';
import { inet_checksum } from 'berkeley-sockets/packet';
import * as promises from 'berkeley-sockets/promises';
import { select } from 'berkeley-sockets/select';
import { DefaultSelector, EVENT_READ } from 'berkeley-sockets/selectors';
import { BaseRequestHandler, TCPServer } from 'berkeley-sockets/socketserver';

/** A message over TCP, to a server of the one module and back to a client of the other. */
async function exchange() {
  const server = socket.create_server(['127.0.0.1', 0]);
  const client = await promises.create_connection(server.getsockname());
  const [accepted] = server.accept();
  await client.sendall(Buffer.from('there'));
  assert.equal(accepted.recv(10).toString(), 'there');
  accepted.sendall(Buffer.from('and back'));
  assert.equal((await client.recv(10)).toString(), 'and back');
  for (const sock of [accepted, client, server]) sock.close();
}

function waitForSeveral() {
  const [left, right] = socket.socketpair();
  left.sendall(Buffer.from('!'));
  assert.deepEqual(select([left, right], [], [], 1)[0], [right]);
  const selector = new DefaultSelector();
  selector.register(right, EVENT_READ);
  assert.equal(selector.select(1).length, 1);
  selector.close();
  for (const sock of [left, right]) sock.close();
}

function useOptionsAndMessages() {
  const [left, right] = socket.socketpair();
  assert.equal(peercred(left).pid, process.pid);
  const name = 'SCM_CREDENTIALS';
  right.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1);
  const credentials = { pid: process.pid, uid: process.getuid(), gid: process.getgid() };
  left.sendmsg([Buffer.from('?')], [encode(name, credentials)]);
  assert.deepEqual(get(right.recvmsg(1, space(name))[1], name), credentials);
  for (const sock of [left, right]) sock.close();
  assert.equal(inet_checksum(Buffer.from([0, 1])), 0xfffe);
}

async function stream() {
  const [left, right] = socket.socketpair();
  const duplex = toStream(left);
  right.sendall(Buffer.from('flows'));
  const [data] = await once(duplex, 'data');
  assert.equal(data.toString(), 'flows');
  duplex.destroy();
  await once(duplex, 'close');
  right.close();
}

class Answer extends BaseRequestHandler {
  handle() {
    this.request.sendall(Buffer.from('served'));
  }
}

async function serve() {
  const server = new TCPServer(['127.0.0.1', 0], Answer);
  const client = await promises.create_connection(server.server_address);
  await server.handle_request();
  assert.equal((await client.recv(10)).toString(), 'served');
  client.close();
  await server.server_close();
}

/** What a text file in an encoding of the package's dependency says. */
function readText() {
  const [left, right] = socket.socketpair();
  left.sendall(Buffer.from([0x93, 0xfa, 0x0a]));
  assert.equal(right.makefile('r', { encoding: 'shift_jis' }).readline(), '日\n');
  for (const sock of [left, right]) sock.close();
}

await exchange();
if (isMainThread) {
  waitForSeveral();
  useOptionsAndMessages();
  await stream();
  await serve();
  readText();
  const [code] = await once(new Worker(new URL(import.meta.url)), 'exit');
  assert.equal(code, 0);
  console.log(`done with ${process.platform}-${process.arch}`);
}

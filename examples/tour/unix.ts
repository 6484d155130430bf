// The tour's steps with sockets that stay on this machine: AF_UNIX and socketpair.

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import * as socket from 'berkeley-sockets';
import type { Say } from './report.js';
import { receiveAll } from './streams.js';

const { AF_UNIX, SHUT_WR, SOCK_DGRAM, SOCK_SEQPACKET, SOCK_STREAM } = socket;

export function talkOverUnixSockets(say: Say): void {
  // The file that bind makes stays when the socket is closed; so it goes with its directory.
  const directory = mkdtempSync(join(tmpdir(), 'tour-'));
  try {
    stream(join(directory, 'stream'), say);
    datagrams(join(directory, 'datagrams'), join(directory, 'answers'), say);
  } finally {
    rmSync(directory, { recursive: true });
  }
  // An abstract name starts with a zero byte, has no file, and goes with its socket; see unix(7).
  stream(`\0tour-${process.pid}`, say);
}

function stream(name: string, say: Say): void {
  using listener = new socket.socket(AF_UNIX, SOCK_STREAM);
  listener.bind(name);
  listener.listen();
  using client = new socket.socket(AF_UNIX, SOCK_STREAM);
  client.connect(name);
  const [accepted] = listener.accept();
  using connection = accepted;

  client.sendall(Buffer.from('over a stream'));
  client.shutdown(SHUT_WR);
  const text = receiveAll(connection).toString();
  say(`${show(client.getpeername())}: received '${text}'`);
  assert.equal(text, 'over a stream');
}

function datagrams(name: string, answers: string, say: Say): void {
  using server = new socket.socket(AF_UNIX, SOCK_DGRAM);
  using client = new socket.socket(AF_UNIX, SOCK_DGRAM);
  server.bind(name);
  // Without a name of its own the client could send, but nobody could answer.
  client.bind(answers);

  client.sendto(Buffer.from('a datagram'), name);
  const [data, sender] = server.recvfrom(1024);
  say(`${show(server.getsockname())}: received '${data}' from ${show(sender ?? '')}`);
  assert.deepEqual([data.toString(), sender], ['a datagram', answers]);
}

/** A name of AF_UNIX is a string; an abstract one is a Buffer, as it may contain any bytes. */
function show(name: string | Buffer): string {
  return typeof name === 'string'
    ? `file '${basename(name)}'`
    : `abstract name '${name.subarray(1)}'`;
}

export function makePair(say: Say): void {
  const [left, right] = socket.socketpair();
  using parent = left;
  using child = right;
  parent.sendall(Buffer.from('to the right'));
  child.sendall(Buffer.from('to the left'));
  const texts = [child.recv(1024).toString(), parent.recv(1024).toString()];
  say(`both directions at once: '${texts.join("', '")}'`);
  assert.deepEqual(texts, ['to the right', 'to the left']);

  // SOCK_SEQPACKET is both: connected as a stream, with borders as datagrams have them.
  const [sender, receiver] = socket.socketpair(AF_UNIX, SOCK_SEQPACKET);
  using packets = sender;
  using inbox = receiver;
  packets.send(Buffer.from('one'));
  packets.send(Buffer.from('two'));
  packets.shutdown(SHUT_WR);
  const received = [inbox.recv(1024), inbox.recv(1024), inbox.recv(1024)].map(String);
  say(`SOCK_SEQPACKET keeps messages apart: '${received[0]}', '${received[1]}', then the end`);
  assert.deepEqual(received, ['one', 'two', '']);
}

// Uses two installed copies of the package in one process, and both in worker threads.
//
// Arguments: the paths of the copies. The last line is "done".

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { pathToFileURL } from 'node:url';
import { isMainThread, parentPort, Worker, workerData } from 'node:worker_threads';

const { paths, blocks } = workerData ?? { paths: process.argv.slice(2), blocks: false };

function load(path, module) {
  return import(pathToFileURL(`${path}/dist/${module}.js`).href);
}

const [first, second] = await Promise.all(paths.map((path) => load(path, 'index')));
const [firstPromises, secondPromises] = await Promise.all(
  paths.map((path) => load(path, 'promises')),
);

const ROUNDS = 50;

/** Blocking calls of the one copy with a peer of the other; errors are of the copy that was called. */
function exchange(one, other) {
  const server = one.create_server(['127.0.0.1', 0]);
  const client = other.create_connection(server.getsockname());
  const [accepted] = server.accept();
  for (let round = 0; round < ROUNDS; round += 1) {
    client.sendall(Buffer.from(`${round}`));
    assert.equal(accepted.recv(100).toString(), `${round}`);
  }
  accepted.settimeout(0.01);
  assert.throws(() => accepted.recv(1), one.TimeoutError);
  client.setblocking(false);
  assert.throws(() => client.recv(1), other.BlockingIOError);
  for (const sock of [accepted, client, server]) sock.close();
}

/** Datagrams, whose addresses are in memory that each copy shares with its own addon. */
function interleave() {
  const receivers = [first, second].map(({ socket, AF_INET, SOCK_DGRAM }) => {
    const receiver = new socket(AF_INET, SOCK_DGRAM);
    receiver.bind(['127.0.0.1', 0]);
    return receiver;
  });
  const [one, other] = receivers;
  for (let round = 0; round < ROUNDS; round += 1) {
    one.sendto(Buffer.from('to the other'), other.getsockname());
    other.sendto(Buffer.from('to the one'), one.getsockname());
    assert.deepEqual(one.recvfrom(100), [Buffer.from('to the one'), other.getsockname()]);
    assert.deepEqual(other.recvfrom(100), [Buffer.from('to the other'), one.getsockname()]);
  }
  for (const receiver of receivers) receiver.close();
}

/** Both copies wait in the same loop, each with a reactor of its own. */
async function waitTogether() {
  const pairs = [firstPromises, secondPromises].map(({ socketpair }) => socketpair());
  for (let round = 0; round < ROUNDS; round += 1) {
    const waiting = pairs.map(([, right]) => right.recv(10));
    for (const [index, [left]] of pairs.entries()) await left.sendall(Buffer.from(`${index}`));
    const received = await Promise.all(waiting);
    assert.deepEqual(received.map(String), ['0', '1']);
  }
  for (const sock of pairs.flat()) sock.close();
}

/** A descriptor goes from a copy to the other; the one that gave it does not close it. */
async function handOver() {
  const [left, right] = first.socketpair();
  const adopted = new secondPromises.socket({ fileno: right.detach() });
  right.close();
  globalThis.gc?.();
  left.sendall(Buffer.from('handed over'));
  assert.equal((await adopted.recv(100)).toString(), 'handed over');
  left.close();
  adopted.close();
}

/** A worker that ends by itself, and one that is terminated while both copies wait in it. */
async function useWorkers() {
  const [mine, peer] = first.socketpair();
  const [theirs, theirPeer] = second.socketpair();
  const brief = new Worker(new URL(import.meta.url), { workerData: { paths, blocks: false } });
  const [code] = await once(brief, 'exit');
  assert.equal(code, 0);
  const busy = new Worker(new URL(import.meta.url), { workerData: { paths, blocks: true } });
  await once(busy, 'message');
  await busy.terminate();
  for (const [one, other] of [
    [mine, peer],
    [theirs, theirPeer],
  ]) {
    one.sendall(Buffer.from('still here'));
    assert.equal(other.recv(100).toString(), 'still here');
    one.close();
    other.close();
  }
}

if (blocks) {
  const [, silent] = secondPromises.socketpair();
  void silent.recv(1);
  const [, quiet] = first.socketpair();
  parentPort.postMessage('waiting');
  quiet.recv(1);
}
assert.notEqual(first.socket, second.socket);
exchange(first, second);
exchange(second, first);
interleave();
await waitTogether();
await handOver();
first.setdefaulttimeout(3);
assert.equal(second.getdefaulttimeout(), null);
first.setdefaulttimeout(null);
if (isMainThread) {
  await useWorkers();
  console.log('done');
}

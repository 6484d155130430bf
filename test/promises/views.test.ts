// The two views of one socket: one descriptor, one timeout, one closing.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import * as blocking from 'berkeley-sockets';
import * as promises from 'berkeley-sockets/promises';
import '../support/leaks.js';

describe('the views of a socket', () => {
  test('lead to each other and stay the same objects', (t) => {
    const [left, right] = blocking.socketpair();
    t.after(() => {
      left.close();
      right.close();
    });
    assert.ok(left.promises instanceof promises.socket);
    assert.equal(left.promises, left.promises);
    assert.equal(left.promises.blocking, left);
    const other = new promises.socket();
    t.after(() => other.close());
    assert.ok(other.blocking instanceof blocking.socket);
    assert.equal(other.blocking.promises, other);
  });

  test('share the descriptor and the bytes', async (t) => {
    const [left, right] = blocking.socketpair();
    t.after(() => {
      left.close();
      right.close();
    });
    assert.equal(left.promises.fileno(), left.fileno());
    const waiting = right.promises.recv(10);
    left.send(Buffer.from('one'));
    assert.deepEqual(await waiting, Buffer.from('one'));
    await left.promises.send(Buffer.from('two'));
    assert.deepEqual(right.recv(10), Buffer.from('two'));
  });

  test('share the timeout', async (t) => {
    const [left, right] = blocking.socketpair();
    t.after(() => {
      left.close();
      right.close();
    });
    left.settimeout(0.01);
    assert.equal(left.promises.gettimeout(), 0.01);
    await assert.rejects(left.promises.recv(1), blocking.TimeoutError);
    left.promises.settimeout(0);
    assert.throws(() => left.recv(1), blocking.BlockingIOError);
    left.settimeout(null);
    assert.equal(left.promises.getblocking(), true);
  });

  test('share the closing, which ends what waits', async () => {
    const [left, right] = blocking.socketpair();
    const waiting = left.promises.recv(1);
    left.close();
    await assert.rejects(waiting, { errno: 9, code: 'EBADF' });
    assert.equal(left.promises.fileno(), -1);
    right.promises.close();
    assert.equal(right.fileno(), -1);
  });

  test('are of the same classes in both modules', () => {
    assert.equal(blocking.OSError, promises.OSError);
    assert.equal(blocking.AF_INET, promises.AF_INET);
    assert.equal(blocking.htons, promises.htons);
  });
});

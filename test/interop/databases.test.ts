// pg and ioredis over our streams, with a PostgreSQL and a Redis that the tests start.

import '../support/leaks.js';
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { describe, type TestContext, test } from 'node:test';
import { AbstractConnector, Redis } from 'ioredis';
import pg from 'pg';
import { isRedisThere, postgresql, postgresqlPrograms, redis } from '../support/daemons.js';
import { dial } from '../support/dialled.js';

const programs = postgresqlPrograms();

describe('pg over toStream', {
  skip: programs === undefined ? 'PostgreSQL is not installed' : false,
  timeout: 100_000,
}, () => {
  /** A client whose stream is ours; it calls connect() and waits for 'connect'. */
  function client(context: TestContext, path: string): pg.Client {
    const stream = dial(context, path);
    const connect = () => process.nextTick(() => stream.emit('connect'));
    const given = Object.assign(stream, { connect }) as unknown as Socket;
    return new pg.Client({ stream: () => given, user: 'tester', database: 'postgres' });
  }

  test('speaks with PostgreSQL', async (context) => {
    const path = await postgresql(context, programs as string);
    const one = client(context, path);
    const two = client(context, path);
    await Promise.all([one.connect(), two.connect()]);

    const { rows } = await one.query('SELECT $1::int + 1 AS sum, $2::text AS text', [41, 'ä']);
    assert.deepEqual(rows, [{ sum: 42, text: 'ä' }]);

    const bytes = randomBytes(5_000_000);
    await one.query('CREATE TABLE kept (id int, bytes bytea)');
    await one.query('INSERT INTO kept VALUES (1, $1)', [bytes]);
    const kept = await two.query('SELECT bytes FROM kept WHERE id = 1');
    assert.ok(bytes.equals(kept.rows[0].bytes));

    const many = await two.query('SELECT n FROM generate_series(1, 20000) AS n');
    assert.equal(many.rows.length, 20_000);
    for (let number = 0; number < 100; number += 1) {
      const doubled = await one.query('SELECT $1::int * 2 AS n', [number]);
      assert.equal(doubled.rows[0].n, number * 2);
    }

    await two.query('LISTEN news');
    const news = once(two, 'notification');
    await one.query("NOTIFY news, 'read all about it'");
    assert.equal((await news)[0].payload, 'read all about it');

    await assert.rejects(one.query('SELECT nothing'), { code: '42703' });
    await Promise.all([one.end(), two.end()]);
  });
});

describe('ioredis over toStream', {
  skip: isRedisThere() ? false : 'Redis is not installed',
  timeout: 100_000,
}, () => {
  /** A client whose connections are streams of ours. */
  function client(context: TestContext, path: string): Redis {
    class Connector extends AbstractConnector {
      override async connect(): Promise<Socket> {
        this.stream = dial(context, path) as unknown as Socket;
        return this.stream as Socket;
      }
    }
    return new Redis({ Connector: Connector as never, retryStrategy: () => 1 });
  }

  test('speaks with Redis, and connects again after a loss', async (context) => {
    const path = await redis(context);
    const one = client(context, path);
    const two = client(context, path);

    const bytes = randomBytes(3_000_000);
    assert.equal(await one.set('bytes', bytes), 'OK');
    assert.ok(bytes.equals((await two.getBuffer('bytes')) as Buffer));

    const numbers = Array.from({ length: 5000 }, (_, index) => index);
    await Promise.all(numbers.map((n) => one.rpush('list', n)));
    assert.deepEqual(await two.lrange('list', 0, -1), numbers.map(String));

    await two.subscribe('news');
    const news = once(two, 'message');
    await one.publish('news', 'read all about it');
    assert.deepEqual(await news, ['news', 'read all about it']);

    const id = await one.client('ID');
    const ready = once(one, 'ready');
    await two.quit();
    one.call('CLIENT', 'KILL', 'ID', id, 'SKIPME', 'no').catch(() => {});
    await ready;
    assert.equal(await one.llen('list'), 5000);
    await one.quit();
  });
});

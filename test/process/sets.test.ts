// Epoll sets that a worker has opened are closed when it ends, and no others.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { suite, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { Worker } from 'node:worker_threads';
import * as select from 'berkeley-sockets/select';
import '../support/leaks.js';
import { fixturePath, openSets } from '../support/process.js';
import { cannotOn, OWN_DESCRIPTORS } from '../support/runtime.js';
import { closing, pair } from '../support/sockets.js';

async function runWorker(way: string): Promise<void> {
  const script = pathToFileURL(fixturePath('owning-sets'));
  const worker = new Worker(script, { workerData: { way } });
  const ended = once(worker, 'exit');
  await once(worker, 'message');
  if (way === 'terminate') await worker.terminate();
  await ended;
}

suite('the sets of a worker are closed', {
  skip: cannotOn({ deno: OWN_DESCRIPTORS.deno }),
}, () => {
  for (const way of ['exit', 'end', 'terminate']) {
    test(`by its ${way}, and those of others stay`, async (context) => {
      const [a] = pair(context);
      const mine = closing(context, new select.epoll());
      mine.register(a, select.EPOLLOUT);
      await runWorker(way);
      const before = openSets();
      for (let round = 0; round < 3; round += 1) await runWorker(way);
      assert.equal(openSets(), before);
      assert.deepEqual(mine.poll(0), [[a.fileno(), select.EPOLLOUT]]);
    });
  }
});

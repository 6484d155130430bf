// Measures how fast a selector finds the one ready socket among many.

import { measure } from '../../harness/measure.js';
import type { Parameters, Scenario } from '../../harness/types.js';

/** `size` sockets are registered, all but one copies of a socket that nobody sends to. */
async function oursSelect({ count, size }: Parameters) {
  const socket = await import('berkeley-sockets');
  const { EpollSelector, EVENT_READ } = await import('berkeley-sockets/selectors');
  const [ready, quiet] = socket.socketpair();
  quiet.send(Buffer.from('x'));
  const selector = new EpollSelector();
  selector.register(ready, EVENT_READ);
  for (let registered = 1; registered < size; registered++) {
    selector.register(quiet.dup(), EVENT_READ);
  }
  return measure(count, (operations) => {
    for (let operation = 0; operation < operations; operation++) {
      for (const [key] of selector.select()) {
        if (key.fileobj !== ready) {
          throw new Error('the wrong socket is ready');
        }
      }
    }
  });
}

const c = 'scenarios/servers/epoll-selector.c';
const python = 'scenarios/servers/epoll-selector.py';

export default {
  title: 'one ready socket found by EpollSelector.select among those registered',
  unit: 'operations/s',
  cases: { '1,000 registered': { count: 400_000, size: 1000 } },
  contenders: {
    ours: { measured: { language: 'node', run: oursSelect } },
    c: { measured: { language: 'c', source: c, run: 'Select' } },
    python: { measured: { language: 'python', source: python, run: 'select' } },
  },
  gates: { ours: { python: 1 } },
} satisfies Scenario;

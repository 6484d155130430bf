// Measures accepting and closing TCP connections that a process on another core makes in a loop.

import { measure } from '../../harness/measure.js';
import type { Parameters, Scenario } from '../../harness/types.js';
import { listenAndAnnounce } from '../../support/sockets.js';

async function oursAccept({ count }: Parameters) {
  const listener = await listenAndAnnounce(128);
  return measure(count, (operations) => {
    for (let operation = 0; operation < operations; operation++) {
      listener.accept()[0].close();
    }
  });
}

const c = 'scenarios/blocking/accept-close.c';
const python = 'scenarios/blocking/accept-close.py';
const peer = { language: 'c', source: 'peers/connector.c', run: 'Connect' } as const;

export default {
  title: 'accept and close of TCP connections from another process',
  unit: 'operations/s',
  cases: { 'backlog 128': { count: 10_000 } },
  contenders: {
    ours: { measured: { language: 'node', run: oursAccept }, peer },
    c: { measured: { language: 'c', source: c, run: 'Accept' }, peer },
    python: { measured: { language: 'python', source: python, run: 'accept' }, peer },
  },
  gates: { ours: { c: 0.9 } },
  listener: 'measured',
} satisfies Scenario;

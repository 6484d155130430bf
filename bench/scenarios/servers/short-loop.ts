// Measures a server that serves short connections all at once, on the event loop.

import type { Scenario } from '../../harness/types.js';
import { nodeNet, ours, python, shortEcho } from '../../support/short-echo.js';

export default {
  ...shortEcho,
  title: 'AsyncTCPServer: accept, 64 B echo, close',
  contenders: {
    ours: ours('LoopServer'),
    'node:net': nodeNet,
    'python, threads': python('ThreadingTCPServer'),
  },
  gates: { ours: { 'node:net': 1.2, 'python, threads': 1.5 } },
} satisfies Scenario;

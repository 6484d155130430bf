// Measures a server whose child processes serve short connections.

import type { Scenario } from '../../harness/types.js';
import { ours, python, shortEcho } from '../../support/short-echo.js';

export default {
  ...shortEcho,
  title: 'ForkingTCPServer: accept, 64 B echo, close',
  contenders: {
    ours: ours('ProcessServer'),
    'a fresh process each': ours('FreshProcessServer'),
    python: python('ForkingTCPServer'),
  },
  gates: { ours: { python: 3 } },
} satisfies Scenario;

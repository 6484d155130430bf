// Measures a server whose warm threads serve short connections.

import type { Scenario } from '../../harness/types.js';
import { ours, python, shortEcho } from '../../support/short-echo.js';

export default {
  ...shortEcho,
  title: 'ThreadingTCPServer: accept, 64 B echo, close',
  contenders: { ours: ours('ThreadServer'), python: python('ThreadingTCPServer') },
  gates: { ours: { python: 1.5 } },
} satisfies Scenario;

// Measures a server that serves short connections one after the other.

import type { Scenario } from '../../harness/types.js';
import { ours, python, shortEcho } from '../../support/short-echo.js';

export default {
  ...shortEcho,
  title: 'TCPServer: accept, 64 B echo, close',
  contenders: { ours: ours('HereServer'), python: python('TCPServer') },
  gates: { ours: { python: 1 } },
} satisfies Scenario;

// Measures an echo server with 500 busy TCP connections.

import type { Scenario } from '../../harness/types.js';
import { echoScenario } from '../../support/echo.js';

export default {
  ...echoScenario(500),
  gates: { ours: { 'node:net': 1.3, c: 0.85, bun: 0.95 } },
  cpuGates: { ours: { 'node:net': 0.8 } },
} satisfies Scenario;

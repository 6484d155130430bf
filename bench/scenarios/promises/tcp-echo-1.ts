// Measures an echo server with a single TCP connection, whose client shares its core.

import type { Scenario } from '../../harness/types.js';
import { echoScenario } from '../../support/echo.js';

export default {
  ...echoScenario(1),
  gates: { ours: { 'node:net': 1.0 } },
  peerCore: 'same',
} satisfies Scenario;

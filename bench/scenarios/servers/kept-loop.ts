// Measures the echo over 50 connections that a server on the event loop keeps.

import { announcePort } from '../../harness/measure.js';
import type { Scenario } from '../../harness/types.js';
import { echoContenders, echoScenario } from '../../support/echo.js';

async function oursServer() {
  const { KeptEcho, LoopServer } = await import('../../support/echo-handlers.js');
  const server = new LoopServer(['127.0.0.1', 0], KeptEcho);
  announcePort(server.server_address[1]);
  await server.serve_forever();
}

export default {
  ...echoScenario(50),
  title: 'AsyncTCPServer: echo of 64 B on 50 kept connections',
  contenders: {
    ours: { ...echoContenders.ours, measured: { language: 'node', run: oursServer } },
    'node:net': echoContenders['node:net'],
  },
  gates: { ours: { 'node:net': 1.3 } },
} satisfies Scenario;

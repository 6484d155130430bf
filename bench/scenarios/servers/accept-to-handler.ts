// Measures the time from the return of accept to the first line of a handler.

import { announcePort } from '../../harness/measure.js';
import { median } from '../../harness/statistics.js';
import type { Parameters, Scenario, Trial } from '../../harness/types.js';

/** This part of the requests may find the pool incomplete and the code not optimised. */
const WARM_UP = 0.25;

async function timeHandlers(
  name: 'HereServer' | 'ThreadServer',
  { count }: Parameters,
): Promise<Trial> {
  const handlers = await import('../../support/echo-handlers.js');
  const { ACCEPTED, BEGUN } = handlers;
  const server = new handlers[name](['127.0.0.1', 0], handlers.Timekeeper);
  const times = new BigInt64Array(new SharedArrayBuffer(16));
  Object.assign(server, { shared: times });
  const taken: number[] = [];
  const { get_request } = server;
  // A connection comes when the one before is over, whose handler has noted its time by then.
  server.get_request = () => {
    const [accepted = 0n, begun = 0n] = [times[ACCEPTED], times[BEGUN]];
    if (begun > 0n) taken.push(Number(begun - accepted) / 1000);
    if (taken.length === count) void server.shutdown();
    const request = get_request.call(server);
    times[ACCEPTED] = process.hrtime.bigint();
    return request;
  };
  announcePort(server.server_address[1]);
  await server.serve_forever();
  return { amount: median(taken.slice(count * WARM_UP)) ?? Number.NaN, seconds: 1 };
}

const peer = { language: 'c', source: 'peers/short-load.c', run: 'LoadOneByOne' } as const;
const source = 'scenarios/servers/short-echo.py';

export default {
  title: 'from accept to the first line of a handler, in a warm thread and without one',
  unit: 'microseconds',
  cases: { 'median of a trial': { count: 2000, size: 64 } },
  contenders: {
    ours: {
      measured: { language: 'node', run: (given) => timeHandlers('ThreadServer', given) },
      peer,
    },
    here: {
      measured: { language: 'node', run: (given) => timeHandlers('HereServer', given) },
      peer,
    },
    'python, new thread': {
      measured: { language: 'python', source, run: 'AcceptToHandler' },
      peer,
    },
  },
  gates: { ours: { here: 60 } },
  listener: 'measured',
} satisfies Scenario;

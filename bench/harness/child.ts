// Runs one Node contender in a process of its own: `node child.js <scenario> <contender> <role>`.

import { writeSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import type { Parameters, Scenario } from './types.js';

const [file = '', name = '', role = 'measured'] = process.argv.slice(2);
const parameters: Parameters = {
  count: Number(process.env.BENCH_COUNT),
  size: Number(process.env.BENCH_SIZE),
  connections: Number(process.env.BENCH_CONNECTIONS),
  port: Number(process.env.BENCH_PORT),
  pid: Number(process.env.BENCH_PID),
  file: process.env.BENCH_FILE ?? '',
};

const scenario = (await import(pathToFileURL(file).href)).default as Scenario;
const contender = scenario.contenders[name];
const program = role === 'peer' ? contender?.peer : contender?.measured;
if (program?.language !== 'node') {
  throw new Error(`${file} has no Node contender "${name}" with the role "${role}"`);
}
const result = await program.run(parameters);
if (role === 'measured') {
  writeSync(1, `${JSON.stringify(result)}\n`);
}
// Sockets that are still open must not keep a finished trial alive.
process.exit(0);

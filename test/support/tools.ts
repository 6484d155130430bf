// Runs the tools among the examples, as programs, where a test wants them.

import { spawn, spawnSync } from 'node:child_process';
import type { TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';
import { type Ending, Program } from './process.js';

const LIMIT = 30_000;

/** Where a tool runs. */
interface Place {
  /** What stands in front, such as `ip netns exec NAME`. */
  command?: readonly string[];
  /** Whether standard error comes among the lines of standard output. */
  merged?: boolean;
  env?: NodeJS.ProcessEnv;
}

const MERGED = ['sh', '-c', 'exec "$@" 2>&1', 'sh'];

/** Starts any program, which is killed when the test ends. */
export function startCommand(
  context: TestContext,
  words: readonly string[],
  { command = [], merged = false, env = process.env }: Place = {},
): Program {
  const [file, ...args] = [...command, ...(merged ? MERGED : []), ...words];
  const child = spawn(file as string, args, { stdio: ['pipe', 'pipe', 'pipe'], env });
  child.stdin.end();
  const program = new Program(child, words.join(' '), LIMIT);
  context.after(() => program.stop());
  return program;
}

/** What runs a tool: Node.js and the path of its program. */
export function wordsOf(name: string): string[] {
  return [
    process.execPath,
    fileURLToPath(new URL(`../../examples/tools/${name}.js`, import.meta.url)),
  ];
}

/** Starts a tool. */
export function startTool(
  context: TestContext,
  name: string,
  args: readonly string[],
  place: Place = {},
): Program {
  return startCommand(context, [...wordsOf(name), ...args], place);
}

/** Runs a tool to its end. */
export function runTool(
  context: TestContext,
  name: string,
  args: readonly string[],
  place: Place = {},
): Promise<Ending> {
  return startTool(context, name, args, place).ended;
}

/** For the option `skip`: why a program cannot be compared with; false if it is there. */
export function isMissing(program: string, ...args: string[]): string | false {
  return spawnSync(program, args).error === undefined ? false : `${program} is not installed`;
}

/** What makes a program run as a user without rights. */
export const AS_NOBODY = ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups'];

// What the tools share: numbers among their options, errors in words, exit statuses, and Ctrl-C.

import { setMaxListeners } from 'node:events';
import { OSError, PermissionError } from 'berkeley-sockets';
import { type Command, InvalidArgumentError } from 'commander';

/** The same for ports below 1024; see ip(7). */
export const NEEDS_BIND_SERVICE =
  'this takes the capability CAP_NET_BIND_SERVICE: run it as root, or grant it to Node.js with\n' +
  `  sudo setcap cap_net_bind_service+ep ${process.execPath}`;

/** Something that is told in one line, without a trace. */
export class Complaint extends Error {}

/** What whoever lacks the right to open raw and packet sockets can do; see capabilities(7). */
export const NEEDS_NET_RAW =
  'this takes the capability CAP_NET_RAW: run it as root, or grant it to Node.js with\n' +
  `  sudo setcap cap_net_raw+ep ${process.execPath}`;

/** Reads an option's number, which must be within limits. */
export function number(least: number, most: number, isWhole = true): (text: string) => number {
  return (text) => {
    const value = text.trim() === '' ? Number.NaN : Number(text);
    if (value >= least && value <= most && (!isWhole || Number.isInteger(value))) return value;
    const kind = isWhole ? 'whole number' : 'number';
    throw new InvalidArgumentError(`It is a ${kind} from ${least} to ${most}.`);
  };
}

function inWords(error: Error): string {
  if (!(error instanceof PermissionError) || error.syscall !== 'socket') return error.message;
  return `${error.message}: ${NEEDS_NET_RAW}`;
}

/**
 * Reads the command line and does the work, whose result is the exit status. It is 2 where the
 * tool is used wrongly or cannot work.
 *
 * @param work gets a signal that Ctrl-C aborts; a second Ctrl-C ends the program at once
 */
export async function run(
  command: Command,
  work: (stop: AbortSignal) => Promise<number>,
): Promise<void> {
  command.showHelpAfterError(`Try '${command.name()} --help'.`);
  command.exitOverride(({ exitCode }) => process.exit(exitCode === 0 ? 0 : 2));
  command.parse();
  const stop = new AbortController();
  setMaxListeners(0, stop.signal);
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => stop.abort());
  // Whoever reads what we print may leave, as head(1) does.
  process.stdout.on('error', () => stop.abort());
  try {
    process.exitCode = await work(stop.signal);
  } catch (error) {
    // Node's own errors of system calls have a code, too.
    const isTold = error instanceof OSError || error instanceof Complaint;
    if (!(error instanceof Error) || !(isTold || 'syscall' in error)) throw error;
    console.error(`${command.name()}: ${inWords(error)}`);
    process.exitCode = 2;
  }
}

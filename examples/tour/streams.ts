// What several steps need for byte streams and for the programs they start.

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { SocketType } from 'berkeley-sockets';

/**
 * Everything the peer sends. A stream has no messages: each `recv` gives what has arrived so far,
 * and no bytes at all once the peer has said that nothing will follow.
 */
export function receiveAll(sock: SocketType): Buffer {
  const pieces: Buffer[] = [];
  for (;;) {
    const piece = sock.recv(4096);
    if (piece.length === 0) return Buffer.concat(pieces);
    pieces.push(piece);
  }
}

/** Starts another of the examples as a process; `stdio` is what it gets as descriptors 0, 1, … */
export function startProgram(
  name: string,
  args: readonly string[],
  stdio: ('ignore' | 'inherit' | 'pipe' | number)[],
): ChildProcess {
  const path = fileURLToPath(new URL(`../${name}.js`, import.meta.url));
  return spawn(process.execPath, [path, ...args], { stdio });
}

/** Waits for a process to end, and checks that it is content. */
export async function finish(program: ChildProcess): Promise<void> {
  if (program.exitCode === null && program.signalCode === null) await once(program, 'exit');
  const { exitCode, signalCode } = program;
  if (exitCode !== 0) throw new Error(`the process ended with ${signalCode ?? exitCode}`);
}

// Frames captured on the loopback of a namespace of the test's own.

import assert from 'node:assert/strict';
import type { TestContext } from 'node:test';
import { Namespace } from './namespaces.js';
import { start } from './process.js';

/** Connections, datagrams and errors of both internet protocols, with the kind of hardware. */
export async function captureLoopback(
  context: TestContext,
): Promise<[frame: Buffer, hardware: number][]> {
  const { command } = new Namespace(context);
  const program = start(context, 'network', ['captureLoopback'], { command });
  const { lines, code, stderr } = await program.ended;
  assert.deepEqual([code, stderr], [0, '']);
  return lines.map((line) => {
    const [hex, hardware] = JSON.parse(line) as [string, number];
    return [Buffer.from(hex, 'hex'), hardware];
  });
}

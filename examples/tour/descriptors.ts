// The tour's step that gives an open file to another process.

import assert from 'node:assert/strict';
import { closeSync, mkdtempSync, openSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as socket from 'berkeley-sockets';
import type { Say } from './report.js';
import { finish, receiveAll, startProgram } from './streams.js';

export async function passDescriptor(say: Say): Promise<void> {
  const [left, right] = socket.socketpair();
  using channel = left;
  // The other program finds its end of the pair as descriptor 3.
  using program = startProgram(
    'tour/file_reader',
    [],
    ['ignore', 'inherit', 'inherit', right.fileno()],
  );
  // The program has its own copy; while ours were open the channel would never end.
  right.close();

  const fd = openSecret();
  try {
    socket.send_fds(channel, [Buffer.from('read this')], [fd]);
    say(`descriptor ${fd}, a file that has no name any more, went to process ${program.pid}`);
  } finally {
    // The message carries a reference of its own: closing our descriptor does not harm.
    closeSync(fd);
  }

  const answer = receiveAll(channel).toString();
  say(`the process answers: ${answer}`);
  assert.match(answer, /^as descriptor \d+ I read: a secret$/);
  await finish(program);
}

/** Opens a file and removes its name: from then on only the descriptor leads to it. */
function openSecret(): number {
  const directory = mkdtempSync(join(tmpdir(), 'tour-'));
  try {
    const path = join(directory, 'secret');
    writeFileSync(path, 'a secret');
    return openSync(path, 'r');
  } finally {
    rmSync(directory, { recursive: true });
  }
}

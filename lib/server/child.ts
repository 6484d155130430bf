// The first module of a child process of ForkingMixIn.

import { fs, os } from '../builtins.js';
import { native } from '../native.js';
import { wait_readable } from '../wait.js';
import { CHILD_CHANNEL, CHILD_PIPE, CHILD_SOCKET } from './child-member.js';
import type { Answer, Plan } from './plan.js';
import { type Control, work } from './workplace.js';

const LONGEST_READ = 4096;

/** Reads exactly so many bytes of what the server sends first. */
function read(length: number): Buffer {
  const bytes = Buffer.alloc(length);
  for (let filled = 0; filled < length; ) {
    const count = fs.readSync(CHILD_PIPE, bytes, filled, length - filled, null);
    if (count === 0) process.exit(0);
    filled += count;
  }
  return bytes;
}

const pipe: Control = {
  tell(remark) {
    try {
      fs.writeSync(CHILD_PIPE, `${JSON.stringify(remark)}\n`);
    } catch {
      // The server is gone.
      process.exit(0);
    }
  },

  // Not every runtime makes a net.Socket of a descriptor. No line is cut off at the end, since the
  // server sends nothing but what is waited for.
  async listen(hear) {
    const bytes = Buffer.alloc(LONGEST_READ);
    let text = '';
    for (let expectsMore = true; expectsMore; ) {
      await wait_readable(CHILD_PIPE);
      const count = fs.readSync(CHILD_PIPE, bytes, 0, LONGEST_READ, null);
      if (count === 0) process.exit(0);
      const lines = `${text}${bytes.toString('latin1', 0, count)}`.split('\n');
      text = lines.pop() as string;
      for (const line of lines) expectsMore = hear((JSON.parse(line) as Answer).call);
    }
  },
};

// Node does this by itself; the last one is there for datagrams only.
for (const fd of [CHILD_CHANNEL, CHILD_PIPE, CHILD_SOCKET]) native.setInheritable(fd, false);

// A server that is killed leaves no children: the idle ones see the end of the channel, and those
// in the middle of a request are sent a signal. It would not come for a parent that is gone by now,
// whose end of the pipe is closed then.
native.signalAtParentsEnd(os().constants.signals.SIGTERM);
const length = read(4).readUInt32LE();
const plan: Plan = process.getBuiltinModule('node:v8').deserialize(read(length));
void work(plan, pipe);

// The first module of a child process of ForkingMixIn.

import { fs, os } from '../builtins.js';
import { native } from '../native.js';
import { CHILD_PIPE } from './child-member.js';
import type { Answer, Plan } from './plan.js';
import { type Control, work } from './workplace.js';

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

class Pipe implements Control {
  #socket: import('node:net').Socket | undefined;

  tell(remark: object): void {
    try {
      fs.writeSync(CHILD_PIPE, `${JSON.stringify(remark)}\n`);
    } catch {
      // The server is gone.
      process.exit(0);
    }
  }

  listen(hear: (call: number) => void): void {
    const { Socket } = process.getBuiltinModule('node:net');
    this.#socket = new Socket({ fd: CHILD_PIPE, readable: true, writable: false });
    let rest = '';
    this.#socket.setEncoding('utf8').on('data', (text) => {
      const lines = `${rest}${text}`.split('\n');
      rest = lines.pop() as string;
      for (const line of lines) hear((JSON.parse(line) as Answer).call);
    });
  }

  hold(isHeld: boolean): void {
    if (isHeld) this.#socket?.ref();
    else this.#socket?.unref();
  }
}

// A server that is killed leaves no children: the idle ones see the end of the channel, and those
// in the middle of a request are sent a signal. It would not come for a parent that is gone by now,
// whose end of the pipe is closed then.
native.signalAtParentsEnd(os().constants.signals.SIGTERM);
const length = read(4).readUInt32LE();
const plan: Plan = process.getBuiltinModule('node:v8').deserialize(read(length));
void work(plan, new Pipe());

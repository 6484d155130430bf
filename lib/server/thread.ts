// The first module of a worker thread of ThreadingMixIn.

import type { Answer, Plan } from './plan.js';
import { work } from './workplace.js';

const { parentPort, workerData } = process.getBuiltinModule('node:worker_threads');
if (!parentPort) throw new Error('this module is for worker threads of berkeley-sockets');
const port = parentPort;

void work(workerData as Plan, {
  tell: (remark) => port.postMessage(remark),
  listen: (hear) => {
    const heard = ({ call }: Answer) => {
      if (!hear(call)) port.off('message', heard).unref();
    };
    port.on('message', heard).ref();
  },
});

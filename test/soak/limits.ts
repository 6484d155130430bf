// Asks the watcher, which started this process, to limit its descriptors, or not to any more.

import { once } from 'node:events';
import type { LimitAnswer, LimitRequest } from './protocol.js';

export async function limitDescriptors(count: number | null): Promise<boolean> {
  const answered = once(process, 'message');
  process.send?.({ kind: 'limit', count } satisfies LimitRequest);
  const [answer] = await answered;
  return (answer as LimitAnswer).done;
}

// Makes something happen while a call of the promise flavour waits.

import { setImmediate as turn } from 'node:timers/promises';

/**
 * Does something in each turn of the loop until a promise is settled. Once would not do: a call that
 * was told EAGAIN although there are data waits for the next ones.
 */
export async function untilSettled(
  promise: Promise<unknown>,
  act: () => unknown,
  rounds = 5,
): Promise<void> {
  let isSettled = false;
  const settle = () => {
    isSettled = true;
  };
  promise.then(settle, settle);
  for (let round = 0; round < rounds && !isSettled; round += 1) {
    await act();
    await turn();
    await turn();
  }
}

// Notices that a descriptor has become another file while a call of several steps was under way.

import { osError } from '../errors.js';
import { errnos, native } from '../native.js';

const BAD_DESCRIPTOR = -(errnos.EBADF as number);

/**
 * Gives a check for the steps to come: it throws EBADF once the number is no longer the file that it
 * is now, because somebody closed it who did not ask its object.
 *
 * @param numberOf asked at each check, too: that of a closed object, -1, is for the step to refuse
 */
export function keeping(numberOf: () => number, syscall: string): () => void {
  const file = native.fileNumber(numberOf());
  return () => {
    const fd = numberOf();
    if (fd < 0 || file < 0) return;
    const now = native.fileNumber(fd);
    if (now !== file) throw osError(now < 0 ? now : BAD_DESCRIPTOR, syscall);
  };
}

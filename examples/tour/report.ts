// Runs the steps of the tour and prints what happened, in lines for people.

/** Prints a line of the current step. */
export type Say = (line: string) => void;

/** Thrown by a step that can show nothing on this machine; the message says why. */
export class Skipped extends Error {}

/** A title, and what to do under it, which throws if anything is not as it should be. */
export type Step = readonly [title: string, run: (say: Say) => void | Promise<void>];

/** Runs all the steps, also those after a failed one; whether none failed. */
export async function takeTour(title: string, steps: readonly Step[]): Promise<boolean> {
  console.log(`${title}\n${'='.repeat(title.length)}`);
  const failed: number[] = [];
  const skipped: number[] = [];
  for (const [index, [heading, run]] of steps.entries()) {
    console.log(`\n${index + 1}. ${heading}`);
    try {
      await run(say);
    } catch (error) {
      if (error instanceof Skipped) {
        skipped.push(index + 1);
        say(error.message);
      } else {
        failed.push(index + 1);
        say(`FAILED: ${error}`);
      }
    }
  }
  console.log(`\n${summary(steps.length, failed, skipped)}`);
  return failed.length === 0;
}

function say(line: string): void {
  console.log(`   ${line.replaceAll('\n', '\n   ')}`);
}

function summary(count: number, failed: number[], skipped: number[]): string {
  const good = count - failed.length - skipped.length;
  const parts = [`${good} of ${count} steps did what they should`];
  if (skipped.length > 0) parts.push(`skipped for want of rights: ${skipped.join(', ')}`);
  if (failed.length > 0) parts.push(`failed: ${failed.join(', ')}`);
  return `${parts.join('; ')}.`;
}

/** Runs `action`, which must throw an error of that class, and returns the error. */
export function raised<E extends Error>(
  expected: new (...args: never[]) => E,
  action: () => unknown,
): E {
  let result: unknown;
  try {
    result = action();
  } catch (error) {
    if (error instanceof expected) return error;
    throw error;
  }
  throw new Error(`${expected.name} was expected, but the call returned ${String(result)}`);
}

// A worker as its pool sees it, thread or process.

/** What a worker's thread or process tells the pool. */
export interface MemberEvents {
  /** It has loaded its classes and takes requests. */
  ready(): void;
  /** It cannot find or load them. */
  failed(error: Error): void;
  /** It called `shutdown()` of its server; the promise settles when that is done. */
  shutdown(): Promise<unknown>;
  /**
   * It is gone.
   *
   * @param reason how, unless it ended as it should
   * @param isKilled whether somebody else ended it
   */
  ended(reason: string | undefined, isKilled?: boolean): void;
}

/** A worker's thread or process. */
export interface Member {
  /** How it is called in messages, and the process's number. */
  readonly title: string;
  readonly pid: number;
  /** It keeps the program running, or does so no more. */
  ref(): void;
  unref(): void;
  /** Ends it at once. */
  stop(): void;
  /** It is not needed before it was ready, and ends as soon as that can be done. */
  dismiss(): void;
}

/** An error with the stack of where it came about, which may be another thread or process. */
export function remade({ text, stack }: { text: string; stack: string }): Error {
  const error = new Error(text);
  error.stack = stack;
  return error;
}

// What a worker does, thread or process: it takes requests and serves them one after the other.

import '../socketserver.js';
import { osError } from '../errors.js';
import { errnos, native } from '../native.js';
import { DONE, LEAVING, RETIRED, sendReport, TAKEN } from './channel.js';
import { isThenable } from './flow.js';
import { becomeWorkplace, load } from './location.js';
import type { Plan, Remark } from './plan.js';
import { makeReplica, SERVE, type Serving } from './replica.js';
import { Inbox, type IncomingRequest, type Taken } from './request-message.js';

const WOULD_BLOCK = -(errnos.EAGAIN as number);
const INTERRUPTED = -(errnos.EINTR as number);

/** How a worker speaks with its server. */
export interface Control {
  tell(remark: Remark): void;
  /**
   * Has `hear` called with the number of each call that the server answers, until that gives false.
   * The worker's event loop keeps running meanwhile.
   */
  listen(hear: (call: number) => boolean): void;
}

/** Calls of `shutdown()` that wait for their answer. */
class Shutdowns {
  readonly #waiting = new Map<number, () => void>();
  #count = 0;

  constructor(readonly control: Control) {}

  readonly call = (): Promise<void> => {
    if (this.#waiting.size === 0) this.control.listen((call) => this.#answer(call));
    this.#count += 1;
    const call = this.#count;
    this.control.tell({ what: 'shutdown', call });
    return new Promise((resolve) => this.#waiting.set(call, resolve));
  };

  /** Whether more answers will come. */
  #answer(call: number): boolean {
    this.#waiting.get(call)?.();
    this.#waiting.delete(call);
    return this.#waiting.size > 0;
  }
}

/** Loads what the plan names and serves until there is no more to do; then the worker ends. */
export async function work(plan: Plan, control: Control): Promise<void> {
  becomeWorkplace(plan.place);
  let replica: Serving;
  try {
    const handler = plan.handler && (await load(plan.handler));
    const server = await load(plan.server);
    const shutdowns = new Shutdowns(control);
    replica = makeReplica(server, handler, plan, shutdowns.call);
  } catch (error) {
    const { message, stack } = error as Error;
    control.tell({ what: 'failed', text: message, stack: stack ?? message });
    process.exit(1);
  }
  control.tell({ what: 'ready' });
  new Worker(plan, replica).next();
}

class Worker {
  readonly #inbox: Inbox;
  readonly #serverSocket: unknown;
  #served = 0;

  constructor(
    readonly plan: Plan,
    readonly replica: Serving,
  ) {
    this.#inbox = new Inbox(plan.longestMessage);
    this.#serverSocket = plan.serverSocket && (replica as { socket?: unknown }).socket;
  }

  /**
   * Takes the next request, for which it waits in the system. Whatever was served or not, the event
   * loop turns before the next wait: output, timers and messages of the handlers' move on.
   */
  readonly next = (): void => {
    const length = native.take(this.plan.channel, this.#inbox.bytes);
    if (length > 0) this.#serve(this.#inbox.read(length, this.#serverSocket));
    else if (length === WOULD_BLOCK || length === INTERRUPTED) setImmediate(this.next);
    else if (length === 0) process.exit(0);
    else throw osError(length, 'recvmsg');
  };

  #serve(taken: Taken): void {
    if (taken === 'retirement') {
      this.#report(RETIRED);
      process.exit(0);
    }
    this.#report(TAKEN);
    if (taken === 'lost') {
      process.stderr.write('a request was lost, because no descriptor was free for it\n');
      this.#finish(0);
      return;
    }
    const outcome = this.#run(taken);
    if (!isThenable(outcome)) this.#finish(outcome);
    else outcome.then(this.#finish, (error) => this.#finish(complain(error)));
  }

  #run({ request, clientAddress }: IncomingRequest): unknown {
    try {
      return this.replica[SERVE](request, clientAddress);
    } catch (error) {
      return complain(error);
    }
  }

  /** The request is over, with that exit code if this was the last one. */
  readonly #finish = (code: unknown): void => {
    this.#served += 1;
    const isLast = this.#served === this.plan.maxRequests;
    this.#report(isLast ? LEAVING : DONE);
    if (isLast) process.exit(typeof code === 'number' ? code : 0);
    setImmediate(this.next);
  };

  #report(what: number): void {
    // Without the server there is nobody to work for.
    if (!sendReport(this.plan.channel, this.plan.id, what)) process.exit(0);
  }
}

/** Tells of what `handle_error` or `shutdown_request` threw, which nobody else will catch. */
function complain(error: unknown): number {
  const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
  process.stderr.write(`${text}\n`);
  return 1;
}

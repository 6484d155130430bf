// The workers of a server, threads or processes: as many as its requests need, and a few to spare.

import { dropOut, enroll } from './at-exit.js';
import { Channel, DONE, LEAVING, RETIRED, TAKEN } from './channel.js';
import { type Member, type MemberEvents, remade } from './member.js';
import type { PoolOptions } from './pool-options.js';
import { type OutgoingRequest, retirement } from './request-message.js';

interface Worker {
  readonly member: Member;
  /** Ends the wait for a worker that does not get ready. */
  readonly deadline: NodeJS.Timeout;
  isReady: boolean;
  isBusy: boolean;
  isLeaving: boolean;
}

/** Starting a worker takes tens of milliseconds of a processor: no more at once than this. */
const MOST_STARTING = 4;
/** Milliseconds that a worker may take to load its classes. */
const LONGEST_START = 30_000;
/** Milliseconds before a worker is started again after one that could not start. */
const FIRST_PAUSE = 100;
const LONGEST_PAUSE = 5000;
/** How many workers may be killed before one of them is ready. */
const MOST_KILLED = 10;
/** Milliseconds without news after which a request that nobody took is lost. */
const QUIET = 1000;

export class Pool {
  readonly #options: PoolOptions;
  readonly #channel: Channel;
  readonly #workers = new Map<number, Worker>();
  #nextId = 1;
  /** Requests sent, and those of them that are over. */
  #sent = 0;
  #finished = 0;
  /** How many workers are told to end that no worker has taken notice of. */
  #retiring = 0;
  /** The most requests at once since the workers were last counted. */
  #peak = 0;
  #failure: Error | undefined;
  #hasBeenReady = false;
  #killed = 0;
  /** How many reports there were. */
  #reported = 0;
  #stocktaking: NodeJS.Timeout | undefined;
  #pause = 0;
  #retry: NodeJS.Timeout | undefined;
  #trimming: NodeJS.Timeout | undefined;
  #isClosing = false;
  #closed: Promise<void> | undefined;
  readonly #wakers: (() => void)[] = [];
  #watching: AbortController | undefined;
  /** Whether the program runs on for as long as requests are served. */
  isAwaited = true;

  constructor(options: PoolOptions) {
    this.#options = options;
    this.#channel = new Channel(options.longestMessage);
    enroll(this);
    this.#grow();
  }

  /** How many requests are served, or wait for a worker. */
  get running(): number {
    this.#read();
    return this.#sent - this.#finished;
  }

  /** The process numbers of the workers, where they are processes. */
  get pids(): number[] {
    this.#read();
    // One that could not be started has none, and -1 would be every process there is (kill(2)).
    return [...this.#workers.values()].map(({ member }) => member.pid).filter((pid) => pid > 0);
  }

  /** The numbers of the workers that serve a request. */
  get busy(): number[] {
    this.#read();
    return [...this.#workers].filter(([, worker]) => worker.isBusy).map(([id]) => id);
  }

  /** Throws why no worker can serve, if that is so. */
  check(): void {
    if (this.#failure) throw this.#failure;
  }

  /**
   * Gives a request to whichever worker is free. Where all there may be are at work, the promise
   * settles when the request is on its way.
   */
  submit(request: OutgoingRequest): Promise<void> | undefined {
    this.#requireOpen();
    if (!this.#trySubmit(request)) return this.#submitLater(request);
    return undefined;
  }

  #requireOpen(): void {
    this.check();
    if (this.#isClosing) throw new Error('the server is closed');
  }

  #trySubmit(request: OutgoingRequest): boolean {
    // Reports are read when they are needed, or else after the request is on its way.
    if (this.#sent - this.#finished >= this.#options.limit()) this.#read();
    if (this.#sent - this.#finished >= this.#options.limit()) return false;
    if (!this.#options.send(this.#channel, request)) return false;
    this.#sent += 1;
    this.#read();
    this.#grow();
    return true;
  }

  async #submitLater(request: OutgoingRequest): Promise<void> {
    do {
      await this.#change();
      this.#requireOpen();
    } while (!this.#trySubmit(request));
  }

  /** Reads what the workers have reported; how much that was. */
  #read(): number {
    if (this.#workers.size === 0) return 0;
    const count = this.#channel.readReports((id, what) => {
      const worker = this.#workers.get(id);
      if (what === TAKEN) {
        if (worker) worker.isBusy = true;
        return;
      }
      if (worker) worker.isBusy = false;
      if (worker && (what === LEAVING || what === RETIRED)) worker.isLeaving = true;
      if (what === RETIRED) this.#retiring -= 1;
      if (what === DONE || what === LEAVING) this.#finished += 1;
    });
    this.#reported += count;
    // Not at once: this may be the attempt of the very wait that is to be ended.
    if (count > 0 && this.#wakers.length > 0) queueMicrotask(() => this.#wake());
    return count;
  }

  /** Starts the workers that are missing, a few at a time. */
  #grow(): void {
    const running = this.#sent - this.#finished;
    this.#peak = Math.max(this.#peak, running);
    if (this.#failure || this.#retry || (this.#isClosing && this.#channel.isEmpty)) return;
    // A pool that closes still serves what it was given, which may take more workers.
    const spares = this.#isClosing ? 0 : this.#options.spares();
    const wanted = Math.min(this.#options.limit(), running + spares);
    let count = 0;
    let starting = 0;
    for (const worker of this.#workers.values()) {
      if (!worker.isLeaving) count += 1;
      if (!worker.isReady) starting += 1;
    }
    for (; count < wanted && starting < MOST_STARTING; count += 1, starting += 1) this.#start();
    if (!this.#isClosing && count > spares) this.#trimLater();
  }

  #start(): void {
    const id = this.#nextId;
    this.#nextId += 1;
    let member: Member;
    try {
      member = this.#options.start(id, this.#channel.workersEnd, this.#eventsOf(id));
    } catch (error) {
      this.#fail(error as Error);
      return;
    }
    member.unref();
    const deadline = setTimeout(() => this.#giveUp(id), LONGEST_START);
    deadline.unref();
    this.#workers.set(id, { member, deadline, isReady: false, isBusy: false, isLeaving: false });
  }

  #eventsOf(id: number): MemberEvents {
    return {
      ready: () => {
        const worker = this.#workers.get(id);
        clearTimeout(worker?.deadline);
        if (worker) worker.isReady = true;
        this.#hasBeenReady = true;
        this.#pause = 0;
        this.#killed = 0;
        this.#read();
        this.#grow();
        this.#wake();
      },
      failed: (error) => {
        const worker = this.#workers.get(id);
        if (worker) worker.isLeaving = true;
        this.#fail(error);
      },
      shutdown: () => this.#options.shutdown(),
      ended: (reason, isKilled = false) => this.#ended(id, reason, isKilled),
    };
  }

  /** A worker is still loading its classes after so long that it never will have. */
  #giveUp(id: number): void {
    const worker = this.#workers.get(id);
    if (!worker) return;
    worker.isLeaving = true;
    worker.member.stop();
    this.#failToStart(worker.member, `was not ready after ${LONGEST_START / 1000} seconds`);
  }

  /** A worker cannot serve: where none ever could, none ever will. */
  #fail(error: Error): void {
    if (this.#failure) return;
    if (this.#hasBeenReady && !this.#isClosing) {
      announce(error.stack ?? error.message);
      this.#pauseStarting();
      return;
    }
    this.#failure = error;
    if (this.#sent > this.#finished) announce(error.message);
    // The others serve what they can.
    if (this.#isClosing) return;
    for (const worker of this.#workers.values()) dismiss(worker);
    this.#channel.end();
    this.#wake();
  }

  #pauseStarting(): void {
    if (this.#retry) return;
    this.#pause = Math.min(LONGEST_PAUSE, Math.max(FIRST_PAUSE, 2 * this.#pause));
    this.#retry = setTimeout(() => {
      this.#retry = undefined;
      this.#grow();
      this.#wake();
    }, this.#pause);
    this.#retry.unref();
  }

  #ended(id: number, reason: string | undefined, isKilled: boolean): void {
    this.#read();
    const worker = this.#workers.get(id);
    if (!worker) return;
    this.#workers.delete(id);
    clearTimeout(worker.deadline);
    // The system closes the connection of a request together with its worker.
    if (worker.isBusy) this.#finished += 1;
    if (!worker.isLeaving) this.#judgeEnding(worker, reason, isKilled);
    if (this.#failure && this.#workers.size === 0) this.#finished += this.#channel.discard();
    this.#grow();
    this.#wake();
  }

  /** Tells of a worker that did not end as it should. */
  #judgeEnding(
    { member, isBusy, isReady }: Worker,
    reason: string | undefined,
    isKilled: boolean,
  ): void {
    const how = reason ?? 'exit code 0';
    // Whom somebody kills while it starts may have been about to succeed.
    if (isKilled) this.#killed += 1;
    const isAccident = isReady || (isKilled && this.#killed < MOST_KILLED);
    if (!isAccident) this.#failToStart(member, `ended before it could serve (${how})`);
    else if (isBusy) announce(`${member.title} ended while it served a request: ${how}`);
    else if (reason !== undefined) {
      announce(`${member.title} ended: ${how}`);
      this.#pauseStarting();
      if (!this.#stocktaking) this.#takeStock(-1);
    }
  }

  /**
   * A worker that is killed while the kernel wakes it for a request takes that along without a
   * report. Such a request is known by its being late: for a while nothing was sent or reported, and
   * yet it waits although there is a worker that waits, too.
   */
  #takeStock(before: number): void {
    this.#stocktaking = undefined;
    const waiting = this.running - this.busy.length;
    if (waiting === 0 || this.#failure) return;
    const now = this.#sent + this.#reported;
    const workers = [...this.#workers.values()];
    if (now === before && workers.some(({ isReady, isBusy }) => isReady && !isBusy)) {
      announce(`lost with workers that ended: ${waiting} of the requests`);
      this.#finished += waiting;
      this.#wake();
      return;
    }
    this.#stocktaking = setTimeout(() => this.#takeStock(now), QUIET);
    this.#stocktaking.unref();
  }

  #failToStart({ title }: Member, what: string): void {
    const text = `${title} ${what}: ${this.#options.preparation}`;
    // Where this comes about says nothing to anybody.
    this.#fail(remade({ text, stack: `Error: ${text}` }));
  }

  /** Looks, after a while, whether there are workers that nobody needed in the meantime. */
  #trimLater(): void {
    if (this.#trimming) return;
    this.#peak = this.#sent - this.#finished;
    this.#trimming = setTimeout(() => {
      this.#trimming = undefined;
      if (this.#isClosing || this.#failure) return;
      const running = this.running;
      const needed = Math.max(this.#peak, running) + this.#options.spares();
      const members = [...this.#workers.values()].filter((worker) => !worker.isLeaving);
      while (members.length - this.#retiring > needed) {
        if (!this.#channel.trySend(retirement())) break;
        this.#retiring += 1;
      }
      this.#peak = running;
      if (members.length > this.#options.spares()) this.#trimLater();
    }, this.#options.idleTimeout());
    this.#trimming.unref();
  }

  /** Waits until a worker has reported something, or one has ended. */
  #change(isHolding = true): Promise<void> {
    const changed = new Promise<void>((resolve) => this.#wakers.push(resolve));
    if (!isHolding) return changed;
    for (const { member } of this.#workers.values()) member.ref();
    // Where there is no worker the next one is all that there is to wait for.
    this.#retry?.ref();
    if (this.#workers.size > 0 && !this.#watching) {
      this.#watching = new AbortController();
      this.#channel.waitForReport(() => this.#read(), this.#watching.signal).catch(() => {});
    }
    return changed;
  }

  #wake(): void {
    this.#watching?.abort();
    this.#watching = undefined;
    for (const { member } of this.#workers.values()) member.unref();
    this.#retry?.unref();
    for (const resolve of this.#wakers.splice(0)) resolve();
  }

  /** Waits until all requests are over. */
  async settled(): Promise<void> {
    while (this.running > 0 && !this.#failure) await this.#change();
  }

  /** Ends the workers when they have served what was sent; the promise settles when they have. */
  close(): Promise<void> {
    this.#closed ??= this.#close();
    return this.#closed;
  }

  async #close(): Promise<void> {
    this.#isClosing = true;
    const running = this.running;
    clearTimeout(this.#trimming);
    clearTimeout(this.#retry);
    this.#retry = undefined;
    clearTimeout(this.#stocktaking);
    this.#channel.end();
    for (const worker of this.#workers.values()) {
      if (!worker.isReady && running === 0) dismiss(worker);
    }
    this.#grow();
    // Where one could not be started while requests wait there is another attempt.
    const isUnserved = () => this.#retry !== undefined && !this.#channel.isEmpty;
    while (this.#workers.size > 0 || isUnserved()) await this.#change(this.isAwaited);
    this.#channel.discard();
    this.#finished = this.#sent; // Without workers nothing runs, whatever became of it.
    this.#wake();
    this.#channel.close();
    dropOut(this);
    this.#options.closed();
  }

  /** The process is about to end: threads that wait for a request must not keep it from that. */
  processEnds(): void {
    this.#channel.wake();
  }

  /**
   * Nothing else keeps the process running. As in Python it does not end while a thread that is no
   * daemon serves a request.
   */
  processIdles(): void {
    if (this.isAwaited && this.running > 0) void this.settled();
  }
}

function dismiss(worker: Worker): void {
  worker.isLeaving = true;
  worker.member.dismiss();
}

function announce(text: string): void {
  process.stderr.write(`${text}\n`);
}

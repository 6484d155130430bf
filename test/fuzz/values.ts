// Makes the values that recipes describe, with objects of the caller's that act when looked at.

import type { Act, Kind, Recipe } from './recipes.js';

/** What the caller's own code throws: it may come out of any call. */
export class OwnError extends Error {}

/** What a value needs to know of the objects that there are. */
export interface Surroundings {
  /** An object among those that live. */
  live(which: number, kind?: Kind): unknown;
  /** The address of one of them. */
  address(which: number): unknown;
  /** The number of a descriptor of one of them. */
  descriptor(which: number): number;
  /** Closes one of them. */
  close(which: number): void;
  /** Calls the method again that is being called. */
  again(): void;
}

type Resizable = ArrayBuffer & { resize?(length: number): void; grow?(length: number): void };
const ResizableArrayBuffer = ArrayBuffer as unknown as new (
  length: number,
  options: { maxByteLength: number },
) => Resizable;
const GrowableMemory = SharedArrayBuffer as unknown as typeof ResizableArrayBuffer;

/** The largest number that could be a descriptor of the runtime's own. */
const RESERVED = 63;

export class Values {
  readonly #memory: ArrayBufferLike[] = [];
  /** Whether small numbers become descriptors of live objects: they may be closed. */
  isGuarded = false;

  constructor(private readonly surroundings: Surroundings) {}

  make(recipe: Recipe): unknown {
    switch (recipe.is) {
      case 'plain':
        return this.#plain(recipe.value);
      case 'bytes':
        return this.#bytes(recipe.form, recipe.length, recipe.fill);
      case 'list':
        return this.#list(recipe);
      case 'object':
        return this.#object(recipe);
      case 'callable':
        return this.#callable(recipe);
      case 'coerced': {
        const { value, act } = recipe;
        const give = () => {
          this.#perform(act);
          return this.make(value);
        };
        return { valueOf: give, toString: give, toJSON: give, [Symbol.toPrimitive]: give };
      }
      case 'signal':
        return signalFor(recipe.when);
      case 'live':
        return this.surroundings.live(recipe.which, recipe.kind);
      case 'address':
        return this.surroundings.address(recipe.which);
      case 'descriptor':
        return this.surroundings.descriptor(recipe.which);
    }
  }

  #plain(value: unknown): unknown {
    if (!this.isGuarded) return value;
    if (typeof value === 'object') return null;
    const number = typeof value === 'bigint' || typeof value === 'boolean' ? Number(value) : value;
    if (typeof number !== 'number' || !(number > -1 && number <= RESERVED)) return value;
    return this.surroundings.descriptor(number);
  }

  #perform(act: Act): void {
    switch (act.does) {
      case 'throw':
        throw new OwnError('thrown by the caller');
      case 'close':
        this.surroundings.close(act.which);
        return;
      case 'detach':
        this.#changeMemory(act.which, detach);
        return;
      case 'resize':
        this.#changeMemory(act.which, (memory) => {
          const resizable = memory as Resizable;
          if (resizable.grow) resizable.grow(resizable.byteLength + 1);
          else resizable.resize?.(act.which % 2 === 0 ? 0 : 3);
        });
        return;
      case 'call':
        this.surroundings.again();
        return;
      case 'collect':
        if (act.which === 0) globalThis.gc?.();
        return;
    }
  }

  #changeMemory(which: number, change: (memory: ArrayBufferLike) => void): void {
    const memory = this.#memory[which % Math.max(1, this.#memory.length)];
    if (memory === undefined) return;
    try {
      change(memory);
    } catch {
      // It was changed before, or cannot be.
    }
  }

  #own<T extends ArrayBufferLike>(memory: T): T {
    this.#memory.push(memory);
    return memory;
  }

  #bytes(form: Extract<Recipe, { is: 'bytes' }>['form'], length: number, fill: number): unknown {
    const fresh = () => {
      const memory = this.#own(new ArrayBuffer(length + 8));
      new Uint8Array(memory).fill(fill);
      return memory;
    };
    switch (form) {
      case 'Buffer':
        return Buffer.from(fresh(), 8, length);
      case 'Uint8Array':
        return new Uint8Array(fresh(), 3, length);
      case 'DataView':
        return new DataView(fresh(), 5, length);
      case 'Float64Array':
        return new Float64Array(fresh(), 0, length >> 3);
      case 'ArrayBuffer':
        return fresh();
      case 'SharedArrayBuffer':
        return this.#own(new SharedArrayBuffer(length));
      case 'shared view':
        return Buffer.from(this.#own(new SharedArrayBuffer(length)));
      case 'resizable':
        return this.#own(new ResizableArrayBuffer(length, { maxByteLength: length + 64 }));
      case 'tracking':
        return new Uint8Array(
          this.#own(new ResizableArrayBuffer(length, { maxByteLength: length + 64 })),
        );
      case 'growable':
        return new Uint8Array(
          this.#own(new GrowableMemory(length, { maxByteLength: length + 64 })),
        );
      case 'detached': {
        const view = new Uint8Array(fresh());
        detach(view.buffer);
        return view;
      }
      case 'outside': {
        const memory = new ResizableArrayBuffer(length + 8, { maxByteLength: length + 64 });
        const view = new Uint8Array(memory, 8, length);
        memory.resize?.(4);
        return view;
      }
      case 'lying':
        return Object.defineProperties(new Uint8Array(fresh(), 0, length), {
          length: { value: fill * 1000 },
          byteLength: { value: fill * 1000 },
          byteOffset: { value: fill },
        });
      case 'subclass':
        return new (class extends Uint8Array {
          override get length(): number {
            return 1_000_000;
          }
          override subarray(): never {
            throw new OwnError('subarray of a subclass');
          }
        })(fresh());
    }
  }

  #list({ form, items, act }: Extract<Recipe, { is: 'list' }>): unknown {
    const made = items.map((item) => this.make(item));
    const perform = () => this.#perform(act);
    switch (form) {
      case 'array':
        return made;
      case 'frozen':
        return Object.freeze(made);
      case 'holes':
        delete made[act.which % Math.max(1, made.length)];
        return made;
      case 'getter': {
        const [first] = made;
        Object.defineProperty(made, 0, {
          get() {
            perform();
            return first;
          },
          enumerable: true,
        });
        return made;
      }
      case 'iterator':
        return {
          [Symbol.iterator]: () => {
            let at = 0;
            return {
              next() {
                perform();
                return at < made.length ? { value: made[at++], done: false } : { done: true };
              },
            };
          },
        };
      case 'generator':
        return (function* () {
          yield* made;
          perform();
        })();
      case 'set':
        return new Set(made);
      case 'proxy':
        return new Proxy(made, {
          get(target, key, receiver) {
            perform();
            return Reflect.get(target, key, receiver);
          },
        });
      case 'subclass':
        return class extends Array<unknown> {
          static override get [Symbol.species](): never {
            throw new OwnError('species of a subclass');
          }
        }.from(made);
      case 'array-like':
        return { ...made, length: made.length };
    }
  }

  #object({ form, entries, act }: Extract<Recipe, { is: 'object' }>): unknown {
    const target: Record<string, unknown> =
      form === 'bare' ? Object.create(null) : form === 'instance' ? new (class Odd {})() : {};
    for (const [key, recipe] of entries) {
      const made = this.make(recipe);
      const get = () => {
        this.#perform(act);
        return made;
      };
      const isGetter = form === 'getters';
      Object.defineProperty(target, key, {
        ...(isGetter ? { get } : { value: made, writable: true }),
        enumerable: true,
        configurable: true,
      });
    }
    if (form !== 'proxy') return target;
    const perform = () => this.#perform(act);
    return new Proxy(target, {
      get(object, key, receiver) {
        perform();
        return Reflect.get(object, key, receiver);
      },
      has(object, key) {
        perform();
        return Reflect.has(object, key);
      },
      ownKeys(object) {
        perform();
        return Reflect.ownKeys(object);
      },
    });
  }

  #callable({ form, result, act }: Extract<Recipe, { is: 'callable' }>): unknown {
    const made = this.make(result);
    let calls = 0;
    // What is read from ends some time.
    const give = () => {
      this.#perform(act);
      calls += 1;
      return calls > 20 ? null : made;
    };
    switch (form) {
      case 'function':
        return function odd() {
          return give();
        };
      case 'arrow':
        return () => give();
      case 'async':
        return async () => give();
      case 'class':
        return class Odd {
          constructor() {
            give();
          }
        };
    }
  }
}

function detach(memory: ArrayBufferLike): void {
  structuredClone(memory, { transfer: [memory as ArrayBuffer] });
}

function signalFor(when: 'aborted' | 'soon' | 'never'): AbortSignal {
  const controller = new AbortController();
  if (when === 'aborted') controller.abort();
  else if (when === 'soon') setImmediate(() => controller.abort(new OwnError('aborted')));
  return controller.signal;
}

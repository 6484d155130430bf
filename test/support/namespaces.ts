// Network namespaces with a cable between them, removed when the test ends. Needs root and iproute2.

import { execFileSync, spawnSync } from 'node:child_process';
import type { TestContext } from 'node:test';

const PREFIX = 'berkeley-';

function ip(...args: string[]): void {
  execFileSync('ip', args, { stdio: 'pipe' });
}

/** Why namespaces cannot be made here; false if they can. For the option `skip` of a test. */
export function cannotMakeNamespaces(): string | false {
  if (process.platform !== 'linux') return 'network namespaces are Linux only';
  if (process.getuid?.() !== 0) return 'network namespaces need root';
  const name = `${PREFIX}${process.pid}-probe`;
  const { error, stderr } = spawnSync('ip', ['netns', 'add', name], { encoding: 'utf8' });
  if (error !== undefined) return 'iproute2 is not installed';
  if (stderr !== '') return `no network namespaces: ${stderr.trim()}`;
  ip('netns', 'del', name);
  return false;
}

let count = 0;

/** A network namespace of the test's own, whose loopback is up. */
export class Namespace {
  readonly name = `${PREFIX}${process.pid}-${count++}`;

  constructor(context: TestContext) {
    ip('netns', 'add', this.name);
    context.after(() => ip('netns', 'del', this.name));
    this.ip('link', 'set', 'lo', 'up');
  }

  /** What to put in front of a program that shall run in the namespace. */
  get command(): string[] {
    return ['ip', 'netns', 'exec', this.name];
  }

  /** `ip` with these arguments, in the namespace. */
  ip(...args: string[]): void {
    ip('-netns', this.name, ...args);
  }
}

/** Two namespaces joined by a cable whose two ends are called `wire`. */
export interface Cable {
  /** Has 10.9.8.1/24 and fe80::1. */
  near: Namespace;
  /** Has 10.9.8.2/24 and fe80::2. */
  far: Namespace;
}

/** Lays a cable (veth) between two new namespaces. */
export function layCable(context: TestContext): Cable {
  const near = new Namespace(context);
  const far = new Namespace(context);
  near.ip('link', 'add', 'wire', 'type', 'veth', 'peer', 'name', 'wire', 'netns', far.name);
  for (const namespace of [near, far]) {
    // No address but ours, whose duplicates the kernel would look for before it used them.
    namespace.ip('link', 'set', 'wire', 'addrgenmode', 'none');
    namespace.ip('link', 'set', 'wire', 'up');
  }
  // An address given before the other end is up is in use a second later only.
  for (const [namespace, number] of [
    [near, 1],
    [far, 2],
  ] as const) {
    namespace.ip('address', 'add', `10.9.8.${number}/24`, 'broadcast', '+', 'dev', 'wire');
    namespace.ip('address', 'add', `fe80::${number}/64`, 'dev', 'wire', 'nodad');
  }
  return { near, far };
}

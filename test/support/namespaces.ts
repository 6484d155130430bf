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

  /** Sets what sysctl(8) sets below `net`: `set('ipv4/ip_forward', '1')`. */
  set(name: string, value: string): void {
    const script = 'echo "$1" > "/proc/sys/net/$2"';
    const [file, ...args] = [...this.command, 'sh', '-c', script, 'sh', value, name];
    execFileSync(file as string, args, { stdio: 'pipe' });
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

/** Three namespaces in a row: what goes from the near to the far one passes the router. */
export interface Road {
  /** Has 10.9.1.1 and fd09:1::1, on an interface called `right`. */
  near: Namespace;
  /** Has 10.9.1.2, fd09:1::2 on `left`, 10.9.2.1, fd09:2::1 on `right`. */
  router: Namespace;
  /** Has 10.9.2.2 and fd09:2::2 on `left`. */
  far: Namespace;
}

/** Joins the interface `right` of one namespace to the interface `left` of the other. */
function join(left: Namespace, right: Namespace): void {
  left.ip('link', 'add', 'right', 'type', 'veth', 'peer', 'name', 'left', 'netns', right.name);
  for (const [place, name] of [
    [left, 'right'],
    [right, 'left'],
  ] as const) {
    // No address but ours, whose duplicates the kernel would look for before it used them.
    place.ip('link', 'set', name, 'addrgenmode', 'none');
    place.ip('link', 'set', name, 'up');
  }
}

/**
 * Lays two cables (veth) with a router between them, which answers every wrong packet.
 *
 * @param gap a namespace that the first cable is cut in; nothing gets from its `left` to its `right`
 *   unless somebody carries it
 */
export function layRoad(context: TestContext, gap?: Namespace): Road {
  const near = new Namespace(context);
  const router = new Namespace(context);
  const far = new Namespace(context);
  join(near, gap ?? router);
  if (gap) join(gap, router);
  join(router, far);
  for (const [number, left, right] of [
    [1, near, router],
    [2, router, far],
  ] as const) {
    for (const [place, name, host] of [
      [left, 'right', 1],
      [right, 'left', 2],
    ] as const) {
      place.ip('address', 'add', `10.9.${number}.${host}/24`, 'dev', name);
      place.ip('address', 'add', `fd09:${number}::${host}/64`, 'dev', name, 'nodad');
      place.ip('address', 'add', `fe80::${host}/64`, 'dev', name, 'nodad');
    }
  }
  for (const [place, number, host] of [
    [near, 1, 2],
    [far, 2, 1],
  ] as const) {
    place.ip('route', 'add', 'default', 'via', `10.9.${number}.${host}`);
    place.ip('-6', 'route', 'add', 'default', 'via', `fd09:${number}::${host}`);
  }
  for (const place of [near, router, far]) {
    place.set('ipv4/icmp_ratelimit', '0');
    place.set('ipv6/icmp/ratelimit', '0');
  }
  router.set('ipv4/ip_forward', '1');
  router.set('ipv6/conf/all/forwarding', '1');
  return { near, router, far };
}

// Socket addresses whose host is a name, for the promise flavour: the name is looked up off the
// loop before the call, so that encoding the address for the call does not wait.

import { encodeHost } from './idna.js';
import { type AddressEntry, makeLookup } from './lookup.js';
import { checkOptions, lookUpAway } from './lookup-promises.js';
import { constants, native } from './native.js';
import { LookupKind } from './native-resolver.js';
import type { WaitOptions } from './reactor.js';
import { isBytes } from './socket/bytes.js';
import { integerOf } from './types.js';

/** The options of {@link resolveTarget}. */
export interface TargetOptions extends WaitOptions {
  /** The call that the address is for, as errors name it. */
  method?: string;
}

/** What hosts of a family of addresses are resolved to, and how many items its addresses have. */
interface HostFamily {
  readonly resolved: number;
  readonly mostItems: number;
}

const AF_INET = constants.AF_INET as number;
const HOST_FAMILIES = new Map<unknown, HostFamily>([
  [AF_INET, { resolved: AF_INET, mostItems: 2 }],
  [constants.AF_INET6, { resolved: constants.AF_INET6 as number, mostItems: 4 }],
  // RDS runs over IPv4 and has its addresses.
  [constants.AF_RDS, { resolved: AF_INET, mostItems: 2 }],
]);

// Most calls go to the numeric host of the call before, which costs no crossing then.
const numeric = { host: '', family: -1 };

const INT_MIN = -0x8000_0000;
const UINT_MAX = 0xffff_ffff;

/** Whether encoding the address gets as far as its host: other faults are found first. */
function isHostReached(items: readonly unknown[], mostItems: number): boolean {
  if (items.length < 2 || items.length > mostItems) return false;
  // A port's range is looked at after the host, the others' before it.
  const [port, ...others] = items.slice(1).map(integerOf);
  return (
    port !== undefined &&
    others.every((item) => item !== undefined && item >= INT_MIN && item <= UINT_MAX)
  );
}

/** The host for the resolver, or undefined for one that has no encoding. */
function readHost(host: unknown): string | Buffer | undefined {
  if (isBytes(host)) return host.includes(0) ? undefined : Buffer.from(host);
  if (typeof host !== 'string' || host.includes('\0')) return undefined;
  try {
    return encodeHost(host);
  } catch {
    return undefined;
  }
}

/**
 * An address whose host needs no look-up any more: the address itself where there is no name in
 * it, else a promise of the same tuple with the numeric address that the name stands for. An
 * address with faults is given back as it is, so that encoding it tells of them; so is one of a
 * family that has no hosts. Flow info and scope id stay what they are.
 *
 * The promise rejects with gaierror if there is no such host, TimeoutError, or the signal's reason.
 *
 * @param family the socket's
 */
export function resolveTarget(
  family: number,
  address: unknown,
  options: TargetOptions = {},
): unknown | Promise<unknown> {
  if (!Array.isArray(address)) return address;
  const given: unknown = address[0];
  if (given === numeric.host && family === numeric.family) return address;
  const hosts = HOST_FAMILIES.get(family);
  if (hosts === undefined) return address;
  const host = readHost(given);
  if (host === undefined) return address;
  if (!native.needsLookup(hosts.resolved, host)) {
    if (typeof given === 'string') Object.assign(numeric, { host: given, family });
    return address;
  }
  const rest: readonly unknown[] = address.slice(1);
  if (!isHostReached([host, ...rest], hosts.mostItems)) return address;
  return resolveHost(hosts.resolved, host, rest, options);
}

/** The address with its host resolved: the first result is the one, as in the blocking flavour. */
async function resolveHost(
  family: number,
  host: string | Buffer,
  rest: readonly unknown[],
  { method = 'getaddrinfo', ...options }: TargetOptions,
): Promise<unknown> {
  const numbers = [family, 0, 0, 0] as const;
  const lookup = makeLookup<AddressEntry[]>(method, LookupKind.addresses, host, null, numbers);
  const entries = await lookUpAway(lookup, checkOptions(options));
  return [entries[0]?.[4][0], ...rest];
}

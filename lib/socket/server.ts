// `create_server` and what it needs to know of IPv6.

import {
  AF_INET,
  AF_INET6,
  IPPROTO_IPV6,
  IPV6_V6ONLY,
  SO_REUSEADDR,
  SO_REUSEPORT,
  SOCK_STREAM,
  SOL_SOCKET,
} from '../constants.js';
import { OSError, ValueError } from '../errors.js';
import { pythonRepr } from '../repr.js';
import { withOptions } from '../types.js';
import type { Endpoint } from './endpoint.js';

/** The keyword arguments of `create_server`. */
export interface ServerOptions<F extends number> {
  /** AF_INET or AF_INET6; AF_UNIX works, too. */
  family?: F;
  /** How many connections may wait to be accepted; 128 if left out. */
  backlog?: number | null;
  /** Let several sockets share the port (SO_REUSEPORT). */
  reuse_port?: boolean;
  /** Serve IPv4 as well, with family AF_INET6. */
  dualstack_ipv6?: boolean;
}

type Server = Endpoint<number> & { bind(address: never): unknown };
type Open<S extends Server> = (family: number, type: number) => S;

const SIGNATURE = {
  name: 'create_server',
  names: ['address', 'family', 'backlog', 'reuse_port', 'dualstack_ipv6'],
  required: 1,
  positional: 1,
};

/** The error of a bind that failed, with the address it was for. */
export function bindError(error: OSError, address: unknown): OSError {
  const text = `${error.strerror} (while attempting to bind on address ${pythonRepr(address)})`;
  if (error.errno === undefined) return error;
  const wrapped = new OSError(error.errno, text);
  if (error.code !== undefined) wrapped.code = error.code;
  wrapped.syscall = 'bind';
  return wrapped;
}

export function createServer<S extends Server>(open: Open<S>, given: readonly unknown[]): S {
  const [address, family = AF_INET, backlog, reusePort, dualStack] = withOptions(SIGNATURE, given);
  if (reusePort && SO_REUSEPORT === undefined) {
    throw new ValueError('SO_REUSEPORT not supported on this platform');
  }
  if (dualStack) {
    if (family !== AF_INET6) throw new ValueError('dualstack_ipv6 requires AF_INET6 family');
    if (!supportsDualStack(open)) {
      throw new ValueError('dualstack_ipv6 not supported on this platform');
    }
  }
  const server = open(family as number, SOCK_STREAM);
  try {
    server.setsockopt(SOL_SOCKET, SO_REUSEADDR, 1);
    // AF_UNIX has no ports, and Linux refuses the option there since 6.12.
    const hasPorts = family === AF_INET || family === AF_INET6;
    if (reusePort && hasPorts) server.setsockopt(SOL_SOCKET, SO_REUSEPORT, 1);
    if (family === AF_INET6) server.setsockopt(IPPROTO_IPV6, IPV6_V6ONLY, dualStack ? 0 : 1);
    try {
      server.bind(address as never);
    } catch (error) {
      throw error instanceof OSError ? bindError(error, address) : error;
    }
    if (backlog === undefined || backlog === null) server.listen();
    else server.listen(backlog as number);
    return server;
  } catch (error) {
    server.close();
    throw error;
  }
}

/** Whether one socket can serve both IPv4 and IPv6. */
export function supportsDualStack<S extends Server>(open: Open<S>): boolean {
  let probe: S;
  try {
    probe = open(AF_INET6, SOCK_STREAM);
  } catch {
    return false;
  }
  try {
    probe.setsockopt(IPPROTO_IPV6, IPV6_V6ONLY, 0);
    return true;
  } catch {
    return false;
  } finally {
    probe.close();
  }
}

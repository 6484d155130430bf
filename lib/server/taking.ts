// Requests that a server's loop took when it looked for one, until `get_request` fetches them.
// Looking and taking in one system call spares a poll(2) for each request.

/** What came of taking a request. */
export type Taken = { readonly value: unknown } | { readonly error: unknown };

const aside = new WeakMap<object, Taken[]>();
const ahead = new WeakSet<object>();

/** Says of a `get_request` that it begins with {@link fetchTaken}. */
export function takesAhead(get_request: object): void {
  ahead.add(get_request);
}

/** Whether the loop may take requests: not if the caller has a `get_request` of his own. */
export function mayTakeAhead(server: { get_request(): unknown }): boolean {
  return ahead.has(server.get_request);
}

export function putAside(server: object, taken: Taken): void {
  const waiting = aside.get(server);
  if (waiting) waiting.push(taken);
  else aside.set(server, [taken]);
}

/** The request that the loop took first; throws what taking it threw. Undefined if there is none. */
export function fetchTaken(server: object): unknown {
  const taken = aside.get(server)?.shift();
  if (taken === undefined) return undefined;
  if ('error' in taken) throw taken.error;
  return taken.value;
}

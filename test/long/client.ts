// The clients of the long run: `node client.js requests|trouble|hold PORT COUNT`.

import assert from 'node:assert/strict';
import * as socket from 'berkeley-sockets';
import * as promises from 'berkeley-sockets/promises';

const [mode, portText, countText] = process.argv.slice(2);
const address: [string, number] = ['127.0.0.1', Number(portText)];
const count = Number(countText);

// Nothing here takes so long, whatever else the machine does.
socket.setdefaulttimeout(60);

/** Everything until the end. */
function receiveAll(client: socket.SocketType): string {
  let text = '';
  for (let part = client.recv(4096); part.length > 0; part = client.recv(4096)) text += part;
  return text;
}

/** One short connection after the other, each of which must be answered. */
function makeRequests(): void {
  for (let number = 0; number < count; number++) {
    using client = socket.create_connection(address);
    client.sendall(Buffer.from(`${number}\n`));
    client.shutdown(socket.SHUT_WR);
    assert.equal(receiveAll(client), `<${number}>\n`);
  }
}

/** Half a request, and a reset. */
function reset(): void {
  using client = socket.create_connection(address);
  client.sendall(Buffer.from('12'));
  // Two ints, on and 0 seconds: closing sends a reset (SO_LINGER in socket(7)).
  const linger = Buffer.from(Int32Array.of(1, 0).buffer);
  client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger);
}

/** Bytes that are no request: the server ends the connection, and what it did not read resets it. */
function sendGarbage(): void {
  using client = socket.create_connection(address);
  try {
    client.sendall(Buffer.alloc(3000, '\x00\xffgarbage\n\n'));
    client.shutdown(socket.SHUT_WR);
    assert.equal(receiveAll(client), '');
  } catch (error) {
    if (!(error instanceof socket.OSError)) throw error;
  }
}

/** Nothing at all, until the server has lost patience. */
function stall(): void {
  using client = socket.create_connection(address);
  assert.equal(receiveAll(client), '');
}

function makeTrouble(): void {
  const stalls = Math.min(5, count);
  for (let number = 0; number < count; number++) {
    reset();
    sendGarbage();
    if (number < stalls) stall();
  }
}

type Client = promises.socket;

async function ask(client: Client, number: number): Promise<void> {
  const answer = `<${number}>\n`;
  await client.sendall(Buffer.from(`${number}\n`));
  let text = '';
  while (text.length < answer.length) {
    const part = await client.recv(100, { timeout: 60 });
    assert(part.length > 0, 'the connection has ended');
    text += part;
  }
  assert.equal(text, answer);
}

/** Many connections that are open at once, each of which is answered twice. */
async function hold(): Promise<void> {
  const clients: Client[] = [];
  for (let number = 0; number < count; number++) {
    const client = new promises.socket();
    await client.connect(address);
    clients.push(client);
  }
  await Promise.all(clients.map(ask));
  console.log('holding');
  // Until the standard input ends.
  for await (const _ of process.stdin);
  await Promise.all(clients.toReversed().map(ask));
  for (const client of clients) client.close();
}

if (mode === 'requests') makeRequests();
else if (mode === 'trouble') makeTrouble();
else await hold();

// Sockets on a network of the test's own: two namespaces with a cable between them.

import assert from 'node:assert/strict';
import { mkdirSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite, type TestContext, test } from 'node:test';
import './support/leaks.js';
import {
  type Cable,
  cannotMakeNamespaces,
  layCable,
  type Namespace,
} from './support/namespaces.js';
import { type Program, start } from './support/process.js';

const PACKET_HOST = 0;
const PACKET_BROADCAST = 1;
const ETH_P_IP = 0x800;
const EXPERIMENT = 0x88b5;
const ARPHRD_ETHER = 1;

const skip = cannotMakeNamespaces();

function scenario(context: TestContext, place: Namespace, ...args: string[]): Program {
  // The scenarios leave sockets to the end, and the collector may be faster.
  const env = { ...process.env, NODE_NO_WARNINGS: '1' };
  return start(context, 'network', args, { command: place.command, env });
}

/** Runs a scenario to its end; gives the messages it said. */
async function messages(context: TestContext, place: Namespace, ...args: string[]) {
  const { code, lines, stderr } = await scenario(context, place, ...args).ended;
  assert.deepEqual([code, stderr], [0, '']);
  return lines.map((line): unknown => JSON.parse(line));
}

async function endsWell(program: Program): Promise<void> {
  const { code, stderr } = await program.ended;
  assert.deepEqual([code, stderr], [0, '']);
}

suite('two machines', { skip }, () => {
  test('AF_PACKET captures what comes over the cable', async (context) => {
    const { near, far } = layCable(context);
    const watcher = scenario(context, near, 'capture', '5678');
    assert.deepEqual(await watcher.message(), ['wire', ETH_P_IP, ARPHRD_ETHER, 6]);
    await messages(context, far, 'sendDatagram', '10.9.8.1', '5678', 'over the wire');
    assert.deepEqual(await watcher.message(), {
      from: 'wire',
      ethertype: ETH_P_IP,
      packetType: PACKET_HOST,
      isSender: true,
      source: '10.9.8.2',
      text: 'over the wire',
    });
    await endsWell(watcher);
  });

  for (const kind of ['raw', 'cooked']) {
    test(`AF_PACKET puts a ${kind} frame on the cable`, async (context) => {
      const { near, far } = layCable(context);
      const watcher = scenario(context, far, 'receiveFrame');
      await watcher.says('"ready"');
      assert.deepEqual(await messages(context, near, 'sendFrame', kind), [true]);
      assert.deepEqual(await watcher.message(), [
        `${kind} frame`,
        'wire',
        EXPERIMENT,
        PACKET_BROADCAST,
      ]);
      await endsWell(watcher);
    });
  }

  for (const [family, sender] of [
    ['4', '10.9.8.1'],
    ['6', 'fe80::1'],
  ] as const) {
    test(`a group joined on an interface is heard there, IPv${family}`, async (context) => {
      const { near, far } = layCable(context);
      const member = scenario(context, far, 'multicastReceiver', family, 'wire');
      const port = await member.line();
      await messages(context, near, 'multicastSender', family, port);
      assert.deepEqual(await member.message(), ['to all', sender]);
      assert.deepEqual(await member.message(), ['end', sender]);
      await endsWell(member);
    });

    test(`and is not heard on another interface, IPv${family}`, async (context) => {
      const { near, far } = layCable(context);
      const member = scenario(context, far, 'multicastReceiver', family, 'lo');
      const port = await member.line();
      await messages(context, near, 'multicastSender', family, port);
      assert.deepEqual(await member.message(), ['end', sender]);
      await endsWell(member);
    });
  }

  test('SO_BINDTODEVICE keeps to one interface', async (context) => {
    const { near, far } = layCable(context);
    const program = scenario(context, far, 'boundToDevices');
    assert.equal(await program.message(), 'wire');
    const port = await program.line();
    await messages(context, near, 'sendDatagram', '10.9.8.2', port, 'from there');
    assert.equal(await program.message(), 'from there');
    assert.equal(await program.message(), 'from here');
    assert.equal(await program.message(), 'BlockingIOError');
    assert.equal(await program.message(), 'BlockingIOError');
    await endsWell(program);
  });

  test('IPv6 link-local addresses work with their scope', async (context) => {
    const { near, far } = layCable(context);
    const server = scenario(context, far, 'linkLocalServer');
    assert.deepEqual(await server.message(), ['fe80::2', 0, true]);
    const port = await server.line();
    assert.deepEqual(await messages(context, near, 'linkLocalClient', port), [
      ['fe80::2', true],
      'EINVAL',
      ['fe80::2', true],
    ]);
    assert.deepEqual(await server.message(), ['fe80::1', 0, true]);
    assert.equal(await server.message(), 'over the link');
    await endsWell(server);
  });

  test('<broadcast> reaches the others, if SO_BROADCAST is set', async (context) => {
    const { near, far } = layCable(context);
    const receiver = scenario(context, far, 'receiver');
    const port = await receiver.line();
    assert.deepEqual(await messages(context, near, 'broadcaster', port), ['PermissionError', 12]);
    assert.deepEqual(await receiver.message(), ['to everybody', '10.9.8.1']);
    await endsWell(receiver);
  });

  test('connecting to an address that answers nothing times out', async (context) => {
    const { near } = layCable(context);
    const host = '10.9.8.99';
    // No ARP: the frames go to a machine that does not exist, and nobody says so.
    near.ip('neigh', 'add', host, 'lladdr', '02:00:00:00:00:99', 'dev', 'wire', 'nud', 'permanent');
    const said = (await messages(context, near, 'blackHole', host)) as [unknown, number][];
    const timedOut = ['TimeoutError', 'timed out', 'ETIMEDOUT'];
    assert.deepEqual(
      said.map(([outcome]) => outcome),
      [
        timedOut,
        11,
        timedOut,
        115,
        ['BlockingIOError', '[Errno 115] Operation now in progress', 'EINPROGRESS'],
      ],
    );
    for (const [, milliseconds] of said.slice(0, 3)) {
      assert.ok(milliseconds >= 200 && milliseconds < 2000, `it took ${milliseconds} ms`);
    }
  });

  test('names that the machine knows itself are not asked for on the network', async (context) => {
    const { near, far } = layCable(context);
    const outside = 'outside.example';
    useNameServer(context, near);
    const server = scenario(context, far, 'nameServer', outside);
    await server.says('"ready"');
    assert.deepEqual(await messages(context, near, 'lookUp', outside), [
      ['127.0.0.1', '0.0.0.0', '255.255.255.255', '127.0.0.1', true, true, true, '192.0.2.1', true],
      ['gaierror', 'EAI_NONAME'],
    ]);
    assert.equal(await server.message(), outside);
    await endsWell(server);
  });
});

/** Gives a namespace a resolv.conf of its own that names the machine at the other end (ip-netns(8)). */
function useNameServer(context: TestContext, { name }: Cable['near']): void {
  const parent = '/etc/netns';
  const directory = join(parent, name);
  mkdirSync(directory, { recursive: true });
  context.after(() => {
    rmSync(directory, { recursive: true });
    try {
      rmdirSync(parent);
    } catch {
      // Others have something there.
    }
  });
  const text = 'nameserver 10.9.8.2\noptions timeout:5 attempts:1\n';
  writeFileSync(join(directory, 'resolv.conf'), text);
}

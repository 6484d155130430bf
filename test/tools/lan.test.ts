// The tools that look around: arping, arp-scan, portscan, dhcp-discover.

import assert from 'node:assert/strict';
import { suite, test } from 'node:test';
import * as socket from 'berkeley-sockets';
import '../support/leaks.js';
import { cannotMakeNamespaces, layCable } from '../support/namespaces.js';
import { start } from '../support/process.js';
import { AS_NOBODY, runTool, startTool } from '../support/tools.js';

const skip = cannotMakeNamespaces();
const MAC = '[0-9a-f]{2}(:[0-9a-f]{2}){5}';

suite('arping', { skip }, () => {
  test('says who has an address', async (context) => {
    const { near } = layCable(context);
    const args = ['-c', '2', '-i', '0.1', '10.9.8.2'];
    const { code, lines } = await runTool(context, 'arping', args, { command: near.command });
    assert.equal(code, 0);
    assert.equal(lines[0], 'ARPING 10.9.8.2 from 10.9.8.1 wire');
    const reply = new RegExp(
      `^Unicast reply from 10\\.9\\.8\\.2 \\[${MAC}\\]  \\d+\\.\\d{3}ms$`,
      'i',
    );
    assert.match(lines[1] ?? '', reply);
    assert.match(lines[2] ?? '', reply);
    assert.deepEqual(lines.slice(3), ['Sent 2 probes', 'Received 2 responses']);
  });

  test('tells that nobody has it, and that no interface is in its network', async (context) => {
    const { near } = layCable(context);
    const { command } = near;
    const nobody = await runTool(context, 'arping', ['-c1', '-W0.2', '10.9.8.99'], { command });
    assert.deepEqual([nobody.code, nobody.lines.at(-1)], [1, 'Received 0 responses']);
    const foreign = await runTool(context, 'arping', ['-c1', '10.1.1.1'], { command });
    assert.equal(foreign.code, 2);
    assert.equal(foreign.stderr, 'arping: no interface is in the network of 10.1.1.1\n');
  });

  test('names the missing right', async (context) => {
    const { near } = layCable(context);
    const command = [...near.command, ...AS_NOBODY];
    const { code, stderr } = await runTool(context, 'arping', ['10.9.8.2'], { command });
    assert.equal(code, 2);
    assert.match(stderr, /CAP_NET_RAW/);
  });

  test('prints the summary on Ctrl-C', async (context) => {
    const { near } = layCable(context);
    const program = startTool(context, 'arping', ['10.9.8.2'], { command: near.command });
    await program.line();
    assert.match(await program.line(), /^Unicast reply/);
    program.kill('SIGINT');
    const { code, lines } = await program.ended;
    assert.equal(code, 0);
    assert.match(lines.at(-1) ?? '', /^Received \d+ responses$/);
  });
});

suite('arp-scan', { skip }, () => {
  test('finds the hosts of a network', async (context) => {
    const { near, far } = layCable(context);
    for (const host of [3, 77, 254]) far.ip('address', 'add', `10.9.8.${host}/24`, 'dev', 'wire');
    const args = ['-W', '0.3'];
    const { code, lines, stderr } = await runTool(context, 'arp-scan', args, {
      command: near.command,
    });
    assert.equal(code, 0);
    const hosts = lines.map((line) => new RegExp(`^(\\S+) +${MAC}$`).exec(line)?.[1]);
    assert.deepEqual(hosts, ['10.9.8.2', '10.9.8.3', '10.9.8.77', '10.9.8.254']);
    assert.match(stderr, /^asking for 253 addresses of 10\.9\.8\.0\/24 on wire\n/);
    assert.match(stderr, /4 of 253 addresses are in use/);
  });

  test('looks through a part of it, and says that nobody is there', async (context) => {
    const { near } = layCable(context);
    const args = ['-W', '0.1', '-r', '1', '10.9.8.128/28'];
    const { code, lines, stderr } = await runTool(context, 'arp-scan', args, {
      command: near.command,
    });
    assert.deepEqual([code, lines], [1, []]);
    assert.match(stderr, /0 of 14 addresses/);
    const wrong = await runTool(context, 'arp-scan', ['10.9.8.128/99'], { command: near.command });
    assert.deepEqual(
      [wrong.code, wrong.stderr],
      [2, 'arp-scan: 10.9.8.128/99 is no network: 10.0.0.0/24\n'],
    );
  });
});

suite('portscan', () => {
  test('tells open ports from closed ones', async (context) => {
    using one = socket.create_server(['127.0.0.1', 0]);
    using two = socket.create_server(['127.0.0.1', 0]);
    using bound = new socket.socket();
    bound.bind(['127.0.0.1', 0]);
    const [open, other, closed] = [one, two, bound].map((sock) => sock.getsockname()[1]);
    const ports = `${open},${other},${closed}`;
    const { code, lines } = await runTool(context, 'portscan', ['-a', '-p', ports, '127.0.0.1']);
    assert.equal(code, 0);
    const states = new Map(lines.slice(0, 3).map((line) => line.split(/\s+/) as [string, string]));
    assert.equal(states.get(`${open}/tcp`), 'open');
    assert.equal(states.get(`${other}/tcp`), 'open');
    assert.equal(states.get(`${closed}/tcp`), 'closed');
    assert.match(lines[3] ?? '', /^3 of 3 ports .*: 2 open, 1 closed, 0 filtered$/);
  });

  test('looks at all 65,535 ports', { skip }, async (context) => {
    const { near } = layCable(context);
    const args = ['-p', '1-65535', '127.0.0.1'];
    const { code, lines } = await runTool(context, 'portscan', args, { command: near.command });
    assert.match(lines.join('\n'), /^65535 of 65535 ports .*: 0 open, 65535 closed, 0 filtered$/);
    assert.equal(code, 1);
  });

  test('says which ports do not answer', { skip }, async (context) => {
    const { near, far } = layCable(context);
    // An address that a host has, which drops what it gets: its routes are a hole.
    far.ip('address', 'add', '10.9.7.1/32', 'dev', 'lo');
    near.ip('route', 'add', '10.9.7.1', 'via', '10.9.8.2');
    far.ip('rule', 'add', 'from', '10.9.7.1', 'blackhole');
    const args = ['-p', '1-50', '-W', '0.3', '10.9.7.1'];
    const { code, lines } = await runTool(context, 'portscan', args, { command: near.command });
    assert.match(lines.join('\n'), /^50 of 50 ports .*: 0 open, 0 closed, 50 filtered$/);
    assert.equal(code, 1);
  });

  test('refuses what is no port', async (context) => {
    const { code, stderr } = await runTool(context, 'portscan', ['-p', '22,70000', 'localhost']);
    assert.equal(code, 2);
    assert.equal(stderr, "portscan: '70000' is no range of ports, such as 22 or 8000-8100\n");
  });
});

suite('dhcp-discover', { skip }, () => {
  test('shows what a server offers', async (context) => {
    const { near, far } = layCable(context);
    near.ip('address', 'flush', 'dev', 'wire');
    const server = start(context, 'dhcp_server', ['wire'], { command: far.command });
    await server.says('ready');
    const args = ['-W', '1', 'wire'];
    const { code, lines, stderr } = await runTool(context, 'dhcp-discover', args, {
      command: near.command,
    });
    assert.equal(code, 0, stderr);
    assert.deepEqual(lines, [
      '10.9.8.2 offers 10.9.8.50',
      '  subnet mask  255.255.255.0',
      '  router       10.9.8.1',
      '  name server  10.9.8.2 10.9.8.3',
      '  domain       test',
      '  lease        3600 s',
    ]);
    // The question comes from no address and is a DISCOVER.
    assert.deepEqual(await server.message(), { from: ['0.0.0.0', 68], type: '350101' });
    assert.equal((await server.ended).code, 0);
  });

  test('tells that nobody offers anything, or that there is no such interface', async (context) => {
    const { near } = layCable(context);
    const { command } = near;
    const silence = await runTool(context, 'dhcp-discover', ['-W', '0.2', 'wire'], { command });
    assert.deepEqual([silence.code, silence.lines], [1, []]);
    const unknown = await runTool(context, 'dhcp-discover', ['nowhere'], { command });
    assert.deepEqual(
      [unknown.code, unknown.stderr],
      [2, 'dhcp-discover: there is no interface nowhere\n'],
    );
  });
});

// The tools ping and traceroute, side by side with those of iputils and Debian's traceroute.

import assert from 'node:assert/strict';
import { suite, type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import '../support/leaks.js';
import { cannotMakeNamespaces, layCable, layRoad, Namespace } from '../support/namespaces.js';
import { AS_NOBODY, isMissing, runTool, startCommand, startTool } from '../support/tools.js';

const skip = cannotMakeNamespaces();
const noPing = skip || isMissing('ping', '-V');
const noTraceroute = skip || isMissing('traceroute', '--version');

/** Three namespaces in a row with a bad cable in front of the router; see lossy-wire.ts. */
async function layLossyRoad(context: TestContext, lost: number, doubled = 0) {
  const gap = new Namespace(context);
  const road = layRoad(context, gap);
  // No router of its own, whose kernel would answer.
  const program = fileURLToPath(new URL('../support/lossy-wire.js', import.meta.url));
  const words = [process.execPath, program, 'left', 'right', String(lost), String(doubled)];
  const wire = startCommand(context, words, { command: gap.command });
  assert.equal(await wire.line(), 'ready');
  return road;
}

/** The lines of a run without what differs from run to run: times. */
function timeless(lines: readonly string[]): string[] {
  return lines.map((line) =>
    line
      .trimEnd()
      .replace(/[\d.]+ ms/g, 'T ms')
      .replace(/time \d+ms/, 'time Tms')
      .replace(/[\d./]+ ms/, 'T ms')
      .replace(/= \S+ T ms|= [\d./]+T ms/, '= T ms'),
  );
}

/** Runs the tool and the program of the same name in a namespace, and gives what both said. */
async function both(context: TestContext, place: Namespace, name: string, args: string[]) {
  const { command } = place;
  const tool = await runTool(context, name, args, { command, merged: true });
  const env = { ...process.env, LC_ALL: 'C' };
  const words = [name, ...args];
  const program = await startCommand(context, words, { command, merged: true, env }).ended;
  return [tool, program].map(({ code, lines }) => ({ code, lines: timeless(lines) }));
}

suite('ping', { skip }, () => {
  for (const [what, args, status] of [
    ['the answers of a router', ['-c', '2', '-i', '0.2', '10.9.1.2'], 0],
    ['the answers from behind a router', ['-c', '2', '-i', '0.2', '10.9.2.2'], 0],
    ['the same of IPv6', ['-c', '2', '-i', '0.2', 'fd09:2::2'], 0],
    ['a given size of data', ['-c', '1', '-s', '1000', '10.9.2.2'], 0],
    ['that a time to live was too short', ['-c', '2', '-i', '0.2', '-t', '1', '10.9.2.2'], 1],
    ['that a hop limit was too short', ['-c', '1', '-t', '1', 'fd09:2::2'], 1],
    ['that a network has no route', ['-c', '1', '10.77.0.1'], 1],
    ['that a network of IPv6 has no route', ['-c', '1', 'fd77::1'], 1],
  ] as const) {
    test(`says ${what}, as iputils' does`, { skip: noPing }, async (context) => {
      const { near } = layRoad(context);
      const [ours, theirs] = await both(context, near, 'ping', [...args]);
      assert.deepEqual(ours, theirs);
      assert.equal(ours?.code, status);
    });
  }

  test("counts what was lost, as iputils' does", { skip: noPing }, async (context) => {
    const { near, far } = layRoad(context);
    far.set('ipv4/icmp_echo_ignore_all', '1');
    const args = ['-c', '3', '-i', '0.2', '-W', '1', '10.9.2.2'];
    const [ours, theirs] = await both(context, near, 'ping', args);
    assert.deepEqual(ours, theirs);
    assert.match(
      ours?.lines.join('\n') ?? '',
      /3 packets transmitted, 0 received, 100% packet loss/,
    );
  });

  for (const [what, host] of [
    ['IPv4', '10.9.2.2'],
    ['IPv6', 'fd09:2::2'],
  ] as const) {
    test(`counts a part that was lost of ${what}, as iputils' does`, {
      skip: noPing,
    }, async (context) => {
      const { near } = await layLossyRoad(context, 3);
      const args = ['-c', '6', '-i', '0.2', '-W', '1', host];
      const [ours, theirs] = await both(context, near, 'ping', args);
      assert.deepEqual(ours, theirs);
      assert.equal(ours?.code, 0);
      assert.match(
        ours?.lines.join('\n') ?? '',
        /6 packets transmitted, 4 received, 33\.3333% packet loss/,
      );
    });
  }

  test("marks what arrives twice, as iputils' does", { skip: noPing }, async (context) => {
    const { near } = await layLossyRoad(context, 0, 2);
    const args = ['-c', '4', '-i', '0.2', '10.9.2.2'];
    const [ours, theirs] = await both(context, near, 'ping', args);
    assert.deepEqual(ours, theirs);
    assert.match(
      ours?.lines.join('\n') ?? '',
      /\(DUP!\)[\s\S]*4 received, \+2 duplicates, 0% packet/,
    );
  });

  for (const [what, host, words] of [
    ['a neighbour that is not there', '10.9.1.77', 'From 10.9.1.1 icmp_seq=1 Destination Host'],
    ['a host that a router misses', '10.9.2.77', 'From 10.9.1.2 icmp_seq=1 Destination Host'],
    ['a neighbour of IPv6 that is not there', 'fd09:1::77', 'From fd09:1::1 icmp_seq=1 Dest'],
    ['a prohibited network', '10.66.0.1', 'From 10.9.1.2 icmp_seq=1 Packet filtered'],
    ['an unreachable network', '10.67.0.1', 'From 10.9.1.2 icmp_seq=1 Destination Host'],
    ['a prohibited network of IPv6', 'fd66::1', 'From fd09:1::2 icmp_seq=1 Destination unr'],
  ] as const) {
    test(`words ${what} as iputils' does`, { skip: noPing }, async (context) => {
      const { near, router } = layRoad(context);
      for (const [kind, network] of [
        ['prohibit', '10.66.0.0/24'],
        ['unreachable', '10.67.0.0/24'],
        ['prohibit', 'fd66::/64'],
      ] as const) {
        router.ip('route', 'add', kind, network);
      }
      for (const [place, name] of [
        [near, 'right'],
        [router, 'right'],
      ] as const) {
        place.set(`ipv4/neigh/${name}/retrans_time_ms`, '50');
        place.set(`ipv6/neigh/${name}/retrans_time_ms`, '50');
      }
      const [ours, theirs] = await both(context, near, 'ping', ['-c', '2', '-W', '1', host]);
      assert.deepEqual(ours, theirs);
      assert(ours?.lines[1]?.startsWith(words), ours?.lines[1]);
      assert.equal(ours?.code, 1);
    });
  }

  test('tells how long each round trip took', async (context) => {
    const { near } = layRoad(context);
    const args = ['-c', '5', '-i', '0.05', '10.9.2.2'];
    const { code, lines } = await runTool(context, 'ping', args, { command: near.command });
    assert.equal(code, 0);
    const times = lines.flatMap((line) => /time=([\d.]+) ms/.exec(line)?.[1] ?? []).map(Number);
    assert.equal(times.length, 5);
    assert(
      times.every((time) => time > 0 && time < 1000),
      String(times),
    );
  });

  test('keeps the interface of a link-local address', { skip: noPing }, async (context) => {
    const { near } = layCable(context);
    const [ours, theirs] = await both(context, near, 'ping', ['-c', '1', 'fe80::2%wire']);
    assert.deepEqual(ours, theirs);
    assert.equal(ours?.lines[1], '64 bytes from fe80::2%wire: icmp_seq=1 ttl=64 time=T ms');
  });

  test('tells at once that there is no way to a host', async (context) => {
    const { near } = layCable(context);
    const { code, stderr } = await runTool(context, 'ping', ['10.1.1.1'], {
      command: near.command,
    });
    assert.deepEqual([code, stderr], [2, 'ping: [Errno 101] Network is unreachable\n']);
  });

  test('prints the summary on Ctrl-C', async (context) => {
    const { near } = layCable(context);
    const program = startTool(context, 'ping', ['10.9.8.2'], { command: near.command });
    await program.line();
    assert.match(await program.line(), /^64 bytes from 10\.9\.8\.2: icmp_seq=1 ttl=64 time=/);
    program.kill('SIGINT');
    const { code, lines, stderr } = await program.ended;
    assert.deepEqual([code, stderr], [0, '']);
    assert.match(lines.join('\n'), /--- 10\.9\.8\.2 ping statistics ---\n\d+ packets transmitted/);
  });

  test('needs no root where ping_group_range lets everybody ping', async (context) => {
    const { near } = layRoad(context);
    near.set('ipv4/ping_group_range', '0 2147483647');
    const command = [...near.command, ...AS_NOBODY];
    for (const host of ['10.9.2.2', 'fd09:2::2']) {
      const { code, lines } = await runTool(context, 'ping', ['-c', '1', host], { command });
      assert.match(lines[1] ?? '', /^64 bytes from .*: icmp_seq=1 ttl=63 time=[\d.]+ ms$/);
      assert.equal(code, 0);
    }
    const { code, lines } = await runTool(context, 'ping', ['-c1', '-t1', '10.9.2.2'], { command });
    assert.equal(lines[1], 'From 10.9.1.2 icmp_seq=1 Time to live exceeded');
    assert.equal(code, 1);
  });

  test('names the right that is missing, and two ways to it', async (context) => {
    const { near } = layCable(context);
    near.set('ipv4/ping_group_range', '1 0');
    const command = [...near.command, ...AS_NOBODY];
    const { code, stderr } = await runTool(context, 'ping', ['10.9.8.2'], { command });
    assert.equal(code, 2);
    assert.match(stderr, /^ping: .*CAP_NET_RAW.*\n.*setcap.*\n[\s\S]*ping_group_range/);
  });

  test('says how it is used, and what is wrong with a number', async (context) => {
    const help = await runTool(context, 'ping', ['--help']);
    assert.equal(help.code, 0);
    assert.match(help.lines.join('\n'), /^Usage: ping \[options\] <host>\n/);
    const wrong = await runTool(context, 'ping', ['-c', 'many', 'localhost']);
    assert.deepEqual([wrong.code, wrong.lines], [2, []]);
    assert.match(wrong.stderr, /'many' is invalid\. It is a whole number from 1 to \d+\./);
  });
});

suite('traceroute', { skip }, () => {
  for (const [what, args] of [
    ['UDP', ['-n', '10.9.2.2']],
    ['UDP over IPv6', ['-n', 'fd09:2::2']],
    ['ICMP', ['-I', '-n', '10.9.2.2']],
    ['ICMP of IPv6', ['-I', '-n', 'fd09:2::2']],
    ['names', ['127.0.0.1']],
    ['a first hop', ['-n', '-f', '2', '10.9.2.2']],
  ] as const) {
    test(`shows the hops of Debian's: ${what}`, { skip: noTraceroute }, async (context) => {
      const { near } = layRoad(context);
      const [ours, theirs] = await both(context, near, 'traceroute', [...args]);
      assert.deepEqual(ours?.lines, theirs?.lines);
      assert.equal(ours?.code, 0);
    });
  }

  for (const [what, args] of [
    ['UDP', ['-n', '10.9.2.2']],
    ['ICMP', ['-I', '-n', '10.9.2.2']],
    ['ICMP of IPv6', ['-I', '-n', 'fd09:2::2']],
  ] as const) {
    test(`shows the losses of Debian's: ${what}`, { skip: noTraceroute }, async (context) => {
      const { near } = await layLossyRoad(context, 3);
      const words = ['-w', '0.5', ...args];
      const tool = await runTool(context, 'traceroute', words, { command: near.command });
      // One after the other, or it probes several hops at once, and others are lost.
      const program = await startCommand(context, ['traceroute', '-N', '1', ...words], {
        command: near.command,
      }).ended;
      assert.deepEqual(timeless(tool.lines), timeless(program.lines));
      assert.deepEqual(timeless(tool.lines).slice(1), [
        ` 1  ${args.at(-1)?.startsWith('fd') ? 'fd09:1::2' : '10.9.1.2'}  T ms  T ms *`,
        ` 2  ${args.at(-1)}  T ms  T ms *`,
      ]);
      assert.equal(tool.code, 0);
    });
  }

  test('marks the reason where a router knows no further way', async (context) => {
    const { near } = layRoad(context);
    const args = ['-n', '10.77.0.1'];
    const { code, lines } = await runTool(context, 'traceroute', args, { command: near.command });
    assert.equal(timeless(lines).at(-1), ' 1  10.9.1.2  T ms !N  T ms !N  T ms !N');
    assert.equal(code, 0);
  });

  test('shows stars for who does not answer, and gives up', {
    skip: noTraceroute,
  }, async (context) => {
    const { near, far } = layRoad(context);
    far.set('ipv4/icmp_echo_ignore_all', '1');
    const args = ['-I', '-n', '-m', '3', '-w', '0.5', '10.9.2.2'];
    const [ours, theirs] = await both(context, near, 'traceroute', args);
    assert.deepEqual(ours?.lines, theirs?.lines);
    assert.equal(ours?.lines.at(-1), ' 3  * * *');
    assert.equal(ours?.code, 1);
  });
});

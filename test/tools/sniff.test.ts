// The tool sniff, whose files tshark reads.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import '../support/leaks.js';
import '../support/directory.js';
import { cannotMakeNamespaces, layCable, Namespace } from '../support/namespaces.js';
import { hasTshark } from '../support/pcap.js';
import { AS_NOBODY, isMissing, runTool, startCommand, startTool } from '../support/tools.js';

const skip = cannotMakeNamespaces();

/** What `tcpdump -ddd icmp` prints for Ethernet. */
const ICMP_ONLY = [
  '6',
  '40 0 0 12',
  '21 0 3 2048',
  '48 0 0 23',
  '21 0 1 1',
  '6 0 0 262144',
  '6 0 0 0',
];

suite('sniff', { skip }, () => {
  test('shows frames, and writes a file that tshark reads without a warning', {
    skip: !hasTshark && 'tshark is not installed',
  }, async (context) => {
    const { near, far } = layCable(context);
    const args = ['-i', 'wire', '-c', '4', '-w', 'capture.pcap', '--bpf', ICMP_ONLY.join('\n')];
    const sniffer = startTool(context, 'sniff', args, { command: near.command, merged: true });
    assert.equal(await sniffer.line(), 'listening on wire, writing to capture.pcap');
    const ping = ['-c', '2', '-i', '0.05', '10.9.8.1'];
    assert.equal((await runTool(context, 'ping', ping, { command: far.command })).code, 0);
    const { code, lines } = await sniffer.ended;
    assert.equal(code, 0);
    const texts = lines
      .slice(0, 4)
      .map((line) => line.replace(/^[\d:.]{15} /, '').replace(/id \d+/, 'id I'));
    assert.deepEqual(texts, [
      'in  10.9.8.2 > 10.9.8.1 ICMP echo request id I seq 1 len 56',
      'out 10.9.8.1 > 10.9.8.2 ICMP echo reply id I seq 1 len 56',
      'in  10.9.8.2 > 10.9.8.1 ICMP echo request id I seq 2 len 56',
      'out 10.9.8.1 > 10.9.8.2 ICMP echo reply id I seq 2 len 56',
    ]);
    assert.match(lines.at(-1) ?? '', /^4 frames, 392 bytes; \d+ not looked at, 0 dropped/);

    const fields = ['frame.len', 'ip.src', 'icmp.type', 'icmp.seq', 'frame.time_epoch'];
    const options = [
      '-r',
      'capture.pcap',
      '-T',
      'fields',
      ...fields.flatMap((each) => ['-e', each]),
    ];
    const { stdout, stderr } = spawnSync('tshark', options, { encoding: 'utf8' });
    assert.doesNotMatch(stderr, /warn|cut|damaged|isn't/i);
    const rows = stdout
      .trimEnd()
      .split('\n')
      .map((row) => row.split('\t'));
    assert.deepEqual(
      rows.map((row) => row.slice(0, 4)),
      [
        ['98', '10.9.8.2', '8', '1'],
        ['98', '10.9.8.1', '0', '1'],
        ['98', '10.9.8.2', '8', '2'],
        ['98', '10.9.8.1', '0', '2'],
      ],
    );
    const times = rows.map((row) => Number(row[4]));
    assert.deepEqual(times, times.toSorted());
    assert(Math.abs(Date.now() / 1000 - (times[0] ?? 0)) < 60);
  });

  test('compiles a filter by tcpdump', {
    skip: isMissing('tcpdump', '--version'),
  }, async (context) => {
    const { near, far } = layCable(context);
    const args = ['-i', 'wire', '-c', '1', '--color', 'icmp and icmp[0] = 0'];
    const sniffer = startTool(context, 'sniff', args, { command: near.command, merged: true });
    await sniffer.says('listening on wire');
    await runTool(context, 'ping', ['-c', '1', '10.9.8.1'], { command: far.command });
    const text = await sniffer.line();
    assert(text.includes(' out \u001b[33m10.9.8.1 > 10.9.8.2 ICMP echo reply id'), text);
    assert.equal((await sniffer.ended).code, 0);
    const wrong = await runTool(context, 'sniff', ['-i', 'lo', 'not a filter']);
    assert.equal(wrong.code, 2);
    assert.match(wrong.stderr, /^sniff: tcpdump: .*syntax error/);
  });

  test('shows the frames of any interface, and writes them with the header of Linux', {
    skip: isMissing('tcpdump', '--version') || (!hasTshark && 'tshark is not installed'),
  }, async (context) => {
    const { near, far } = layCable(context);
    const args = ['-i', 'any', '-c', '4', '-w', 'any.pcap', 'inbound and (icmp or icmp6)'];
    const sniffer = startTool(context, 'sniff', args, { command: near.command, merged: true });
    await sniffer.says('listening on any, writing to any.pcap');
    const ping = ['-c', '1', '-i', '0.05'];
    await runTool(context, 'ping', [...ping, '10.9.8.1'], { command: far.command });
    await runTool(context, 'ping', [...ping, '127.0.0.1'], { command: near.command });
    await runTool(context, 'ping', [...ping, '::1'], { command: near.command });
    const { code, lines } = await sniffer.ended;
    assert.equal(code, 0);
    const texts = lines
      .slice(0, 4)
      .map((line) => line.replace(/^[\d:.]{15} /, '').replace(/id \d+/, 'id I'));
    assert.deepEqual(texts, [
      'wire in  10.9.8.2 > 10.9.8.1 ICMP echo request id I seq 1 len 56',
      'lo in  127.0.0.1 > 127.0.0.1 ICMP echo request id I seq 1 len 56',
      'lo in  127.0.0.1 > 127.0.0.1 ICMP echo reply id I seq 1 len 56',
      'lo in  ::1 > ::1 ICMPv6 echo request id I seq 1 len 56',
    ]);
    const fields = ['frame.len', 'sll.pkttype', 'sll.hatype', 'sll.etype', '_ws.col.Protocol'];
    const options = ['-r', 'any.pcap', '-T', 'fields', ...fields.flatMap((each) => ['-e', each])];
    const { stdout, stderr } = spawnSync('tshark', options, { encoding: 'utf8' });
    assert.doesNotMatch(stderr, /warn|cut|damaged|isn't/i);
    const [ipv4, ipv6] = ['0x0800', '0x86dd'];
    assert.deepEqual(
      stdout
        .trimEnd()
        .split('\n')
        .map((row) => row.split('\t')),
      [
        ['104', '0', '1', ipv4, 'ICMP'],
        ['104', '0', '772', ipv4, 'ICMP'],
        ['104', '0', '772', ipv4, 'ICMP'],
        ['124', '0', '772', ipv6, 'ICMPv6'],
      ],
    );
  });

  test('knows that packets of a tunnel have no header', {
    skip: !existsSync('/dev/net/tun') && 'there is no /dev/net/tun',
  }, async (context) => {
    const place = new Namespace(context);
    place.ip('tuntap', 'add', 'dev', 'tunnel', 'mode', 'tun');
    place.ip('link', 'set', 'tunnel', 'up');
    const args = ['-i', 'tunnel', '-w', 'tunnel.pcap'];
    const sniffer = startTool(context, 'sniff', args, { command: place.command, merged: true });
    await sniffer.says('listening on tunnel, writing to tunnel.pcap');
    sniffer.kill('SIGINT');
    const { code, lines } = await sniffer.ended;
    assert.equal(code, 0);
    assert.equal(lines.at(-1), '0 frames, 0 bytes; 0 not looked at, 0 dropped by the kernel');
    // tcpdump.org's LINKTYPE_RAW.
    assert.equal(readFileSync('tunnel.pcap').readUInt32LE(20), 101);
  });

  test('says what takes a single interface', async (context) => {
    const promiscuous = await runTool(context, 'sniff', ['-i', 'any', '-p']);
    assert.deepEqual(
      [promiscuous.code, promiscuous.stderr],
      [2, 'sniff: --promiscuous takes a single interface\n'],
    );
    // The first four bytes of the hardware address, which the kernel's filters do not see.
    const program = '3\n32 0 0 12\n21 0 1 1\n6 0 0 65535';
    const address = await runTool(context, 'sniff', ['-i', 'any', '--bpf', program]);
    assert.deepEqual(
      [address.code, address.stderr],
      [2, 'sniff: this filter needs a single interface\n'],
    );
  });

  test('counts each frame of a burst of 100,000, or says how many were dropped', async (context) => {
    const { near, far } = layCable(context);
    const args = [
      '-q',
      '-i',
      'wire',
      '-s',
      '128',
      '--bpf',
      '4\n40 0 0 12\n21 0 1 2048\n6 0 0 128\n6 0 0 0',
    ];
    const sniffer = startTool(context, 'sniff', args, { command: near.command, merged: true });
    await sniffer.says('listening on wire');
    const program = fileURLToPath(new URL('../support/burst.js', import.meta.url));
    const words = [process.execPath, program];
    const sender = await startCommand(context, words, { command: far.command }).ended;
    assert.deepEqual([sender.code, sender.stderr], [0, '']);
    sniffer.kill('SIGINT');
    const { code, lines } = await sniffer.ended;
    assert.equal(code, 0);
    const summary = /^(\d+) frames, \d+ bytes; (\d+) not looked at, (\d+) dropped/.exec(
      lines.at(-1) ?? '',
    );
    const total = summary?.slice(1).reduce((sum, text) => sum + Number(text), 0);
    assert.equal(total, 100_000, lines.at(-1));
  });

  test('names the missing right, an unknown interface, and a file that cannot be written', async (context) => {
    const refused = await runTool(context, 'sniff', ['-i', 'lo'], { command: AS_NOBODY });
    assert.equal(refused.code, 2);
    assert.match(refused.stderr, /^sniff: \[Errno 1\] Operation not permitted: .*CAP_NET_RAW/);
    const unknown = await runTool(context, 'sniff', ['-i', 'nowhere']);
    assert.deepEqual(
      [unknown.code, unknown.stderr],
      [2, 'sniff: interface nowhere: [Errno 19] No such device\n'],
    );
    const file = join('no', 'directory');
    const unwritten = await runTool(context, 'sniff', ['-i', 'lo', '-w', file]);
    assert.equal(unwritten.code, 2);
    assert.match(unwritten.stderr, /^sniff: ENOENT/);
  });
});

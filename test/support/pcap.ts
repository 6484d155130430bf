// Files that Wireshark reads, and what its program tshark says of the frames in them.

import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestContext } from 'node:test';

const LINK_ETHERNET = 1;
const LONGEST = 0x4_0000;

/** A file of the classic pcap format with Ethernet frames, one each millisecond. */
export function pcap(frames: readonly Uint8Array[]): Buffer {
  const header = Buffer.alloc(24);
  header.writeUInt32LE(0xa1b2c3d4, 0);
  header.writeUInt16LE(2, 4);
  header.writeUInt16LE(4, 6);
  header.writeUInt32LE(LONGEST, 16);
  header.writeUInt32LE(LINK_ETHERNET, 20);
  const records = frames.flatMap((frame, index) => {
    const record = Buffer.alloc(16);
    record.writeUInt32LE(1_700_000_000 + Math.floor(index / 1000), 0);
    record.writeUInt32LE((index % 1000) * 1000, 4);
    record.writeUInt32LE(frame.length, 8);
    record.writeUInt32LE(frame.length, 12);
    return [record, frame];
  });
  return Buffer.concat([header, ...records]);
}

/** Whether there is a tshark. */
export const hasTshark = spawnSync('tshark', ['--version']).status === 0;

// Whatever tshark knows of streams and protocols above would change what it says of single frames.
const PREFERENCES = [
  'ip.check_checksum:TRUE',
  'ip.defragment:FALSE',
  'ipv6.defragment:FALSE',
  'tcp.check_checksum:TRUE',
  'tcp.desegment_tcp_streams:FALSE',
  'tcp.relative_sequence_numbers:FALSE',
  'udp.check_checksum:TRUE',
];

/**
 * What tshark finds in each frame: the values of the fields, each a list since a field may be in a
 * frame several times.
 */
export function askTshark(
  context: TestContext,
  frames: readonly Uint8Array[],
  fields: readonly string[],
): Map<string, string[]>[] {
  const directory = mkdtempSync(join(tmpdir(), 'berkeley-'));
  context.after(() => rmSync(directory, { recursive: true }));
  const file = join(directory, 'frames.pcap');
  writeFileSync(file, pcap(frames));
  const args = ['-n', '-r', file, '-T', 'fields', '-E', 'separator=/t', '-E', 'occurrence=a'];
  args.push('-E', 'aggregator=;');
  for (const preference of PREFERENCES) args.push('-o', preference);
  for (const field of fields) args.push('-e', field);
  const { stdout, stderr, status } = spawnSync('tshark', args, {
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
  });
  if (status !== 0) throw new Error(`tshark: ${stderr}`);
  return stdout
    .split('\n')
    .slice(0, -1)
    .map((line) => {
      const values = line.split('\t');
      return new Map(
        fields.map((field, index) => [field, values[index] ? values[index].split(';') : []]),
      );
    });
}

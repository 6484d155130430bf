// The tour's last step: an ICMP echo request to 127.0.0.1, over both kinds of socket that can.

import assert from 'node:assert/strict';
import * as socket from 'berkeley-sockets';
import { buildEcho, type EchoMessage, parseEcho, parseIp } from './packets.js';
import { type Say, Skipped } from './report.js';

const { AF_INET, IPPROTO_ICMP, IPPROTO_IP, SOCK_DGRAM, SOCK_RAW } = socket;
const TARGET = '127.0.0.1';
const PAYLOAD = Buffer.from('anybody at home?');

const NO_RIGHT = `This process may not send ICMP. It needs the capability CAP_NET_RAW (root
has it) for SOCK_RAW, or for SOCK_DGRAM a group in net.ipv4.ping_group_range:
  sysctl -w net.ipv4.ping_group_range='0 2147483647'`;

/** A socket for ICMP, or undefined where this process may not have one. */
function openIcmp(type: number): socket.socket | undefined {
  try {
    return new socket.socket(AF_INET, type, IPPROTO_ICMP);
  } catch (error) {
    if (error instanceof socket.PermissionError) return undefined;
    throw error;
  }
}

export function pingLoopback(say: Say): void {
  using datagrams = openIcmp(SOCK_DGRAM);
  using raw = openIcmp(SOCK_RAW);
  if (!datagrams && !raw) throw new Skipped(NO_RIGHT);
  if (datagrams) pingByDatagram(datagrams, say);
  else say('SOCK_DGRAM: not allowed, no group of ours is in net.ipv4.ping_group_range');
  if (raw) pingRaw(raw, say);
  else say('SOCK_RAW: not allowed, this process lacks CAP_NET_RAW');
}

/**
 * SOCK_DGRAM, for everybody in net.ipv4.ping_group_range. The kernel writes the identifier and the
 * checksum, delivers only the answers to this socket's requests, and keeps the IP header; see
 * icmp(7). What one wants of the header comes as control messages.
 */
function pingByDatagram(sock: socket.socket, say: Say): void {
  sock.setsockopt(IPPROTO_IP, socket.IP_RECVTTL, 1);
  const start = performance.now();
  sock.sendto(buildEcho(0, 1, PAYLOAD), [TARGET, 0]);
  const [packet, ancdata, , sender] = sock.recvmsg(1024, socket.CMSG_SPACE(4));
  const elapsed = performance.now() - start;

  say(`SOCK_DGRAM: answer from ${sender?.[0]} after ${elapsed.toFixed(3)} ms`);
  const ttl = ancdata.find(([level, type]) => level === IPPROTO_IP && type === socket.IP_TTL);
  assert(ttl !== undefined, 'the time to live did not come');
  say(`  IP:   the kernel keeps the header; IP_RECVTTL tells ttl ${toInt(ttl[2])}`);
  // For this kind of socket the identifier is the port.
  checkAnswer(parseEcho(packet), sock.getsockname()[1], say);
}

/**
 * SOCK_RAW, for those with CAP_NET_RAW. Every ICMP packet of this machine comes in, with its IP
 * header: on the loopback also our own request, and what others ping; see raw(7).
 */
function pingRaw(sock: socket.socket, say: Say): void {
  const identifier = process.pid & 0xffff;
  const start = performance.now();
  sock.sendto(buildEcho(identifier, 1, PAYLOAD), [TARGET, 0]);
  for (;;) {
    const [packet, sender] = sock.recvfrom(65535);
    const elapsed = performance.now() - start;
    assert(elapsed < 10_000, 'the answer does not come');
    const ip = parseIp(packet);
    const echo = parseEcho(packet.subarray(ip.headerLength));
    if (echo.type !== socket.ICMP_ECHOREPLY || echo.identifier !== identifier) continue;

    say(`SOCK_RAW: answer from ${sender?.[0]} after ${elapsed.toFixed(3)} ms`);
    say(
      `  IP:   version ${ip.version}, header ${ip.headerLength} bytes, ` +
        `total ${ip.totalLength} bytes, ttl ${ip.ttl}`,
    );
    say(
      `        protocol ${ip.protocol}, from ${ip.source} to ${ip.destination}, ` +
        `checksum ${ip.checksumHolds ? 'good' : 'bad'}`,
    );
    assert.deepEqual(
      [ip.version, ip.totalLength, ip.protocol, ip.source, ip.destination, ip.checksumHolds],
      [4, packet.length, IPPROTO_ICMP, TARGET, TARGET, true],
    );
    checkAnswer(echo, identifier, say);
    return;
  }
}

function checkAnswer(echo: EchoMessage, identifier: number, say: Say): void {
  say(
    `  ICMP: type ${echo.type} (echo reply), code ${echo.code}, identifier ${echo.identifier}, ` +
      `sequence ${echo.sequence},`,
  );
  say(
    `        ${echo.payload.length} bytes: '${echo.payload}', ` +
      `checksum ${echo.checksumHolds ? 'good' : 'bad'}`,
  );
  const { type, sequence, payload, checksumHolds } = echo;
  assert.equal(echo.identifier, identifier);
  assert.deepEqual([type, sequence, checksumHolds], [socket.ICMP_ECHOREPLY, 1, true]);
  assert.deepEqual(payload, PAYLOAD);
}

/** A C `int`, as most control messages carry: in the byte order of this machine. */
function toInt(bytes: Buffer): number {
  return new Int32Array(Uint8Array.from(bytes).buffer)[0];
}

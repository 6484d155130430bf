// What holds for every packet: it comes back as it was, and bytes that are none are refused.

import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import {
  arp,
  decode,
  ethernet,
  icmp,
  icmpv6,
  inet_checksum,
  ipv4,
  ipv6,
  PacketError,
  pseudo_header,
  summary,
  tcp,
  udp,
} from 'berkeley-sockets/packet';
import * as fc from 'fast-check';
import '../support/leaks.js';
import * as arbitrary from '../support/packets.js';

const { holds, payloads, networks } = arbitrary;
const anything = fc.uint8Array({ maxLength: 120 }).map((array) => Buffer.from(array));

/** RFC 1071 in its plainest form. */
function plainChecksum(...parts: Buffer[]): number {
  const bytes = Buffer.concat([...parts, Buffer.alloc(1)]);
  let sum = 0;
  for (let at = 0; at + 1 < bytes.length; at += 2) {
    sum += bytes.readUInt16BE(at);
    if (sum > 0xffff) sum -= 0xffff;
  }
  return ~sum & 0xffff;
}

describe('a packet that was built is parsed to what it was built from', () => {
  it('Ethernet', () => {
    holds(
      fc.property(arbitrary.ethernetHeaders, payloads, (header, payload) => {
        const frame = ethernet.build(header, payload);
        const parsed = ethernet.parse(frame);
        assert.deepEqual(parsed, { ...header, payload });
        assert.deepEqual(ethernet.build(parsed), frame);
      }),
    );
  });

  it('ARP', () => {
    holds(
      fc.property(arbitrary.arpPackets, payloads, (packet, padding) => {
        const bytes = arp.build(packet);
        assert.deepEqual(arp.parse(Buffer.concat([bytes, padding])), packet);
      }),
    );
  });

  it('IPv4', () => {
    holds(
      fc.property(arbitrary.ipv4Headers, payloads, payloads, (header, payload, padding) => {
        const packet = ipv4.build(header, payload);
        const parsed = ipv4.parse(Buffer.concat([packet, padding]), { verify: true });
        const { checksum, totalLength, ...rest } = parsed;
        assert.deepEqual(rest, { ...header, payload });
        assert.equal(totalLength, packet.length);
        const headerBytes = packet.subarray(0, packet.length - payload.length);
        assert.equal(plainChecksum(headerBytes), 0);
        assert.equal(packet.readUInt16BE(10), checksum);
        assert.deepEqual(ipv4.build(parsed), packet);
      }),
    );
  });

  it('IPv6', () => {
    holds(
      fc.property(arbitrary.ipv6Headers, payloads, payloads, (header, payload, padding) => {
        const packet = ipv6.build(header, payload);
        const parsed = ipv6.parse(Buffer.concat([packet, padding]));
        const { payloadLength, ...rest } = parsed;
        assert.deepEqual(rest, { ...header, payload });
        assert.equal(payloadLength, packet.length - 40);
        assert.deepEqual(ipv6.build(parsed), packet);
      }),
    );
  });

  it('ICMP', () => {
    holds(
      fc.property(arbitrary.icmpHeaders, payloads, (header, payload) => {
        const message = icmp.build(header, payload);
        const { checksum, ...rest } = icmp.parse(message, { verify: true });
        assert.deepEqual(rest, { ...header, payload });
        assert.deepEqual([plainChecksum(message), message.readUInt16BE(2)], [0, checksum]);
        assert.deepEqual(icmp.build(rest), message);
      }),
    );
  });

  it('ICMPv6', () => {
    const messages = fc.oneof(
      fc.tuple(arbitrary.icmpv6Headers, payloads),
      fc.tuple(arbitrary.neighborMessages, fc.constant(Buffer.alloc(0))),
    );
    const addresses = networks.filter(({ source }) => source.includes(':'));
    holds(
      fc.property(messages, addresses, ([header, payload], network) => {
        const message = icmpv6.build(header, payload, { network });
        const { checksum, ...rest } = icmpv6.parse(message, { verify: true, network });
        assert.deepEqual(rest, { ...header, payload });
        const pseudo = pseudo_header(network.source, network.destination, 58, message.length);
        assert.deepEqual([plainChecksum(pseudo, message), message.readUInt16BE(2)], [0, checksum]);
        assert.deepEqual(icmpv6.build(rest, undefined, { network }), message);
      }),
    );
  });

  it('UDP', () => {
    holds(
      fc.property(arbitrary.udpHeaders, payloads, networks, (header, payload, network) => {
        const datagram = udp.build(header, payload, { network });
        const parsed = udp.parse(datagram, { verify: true, network });
        const { checksum, length, ...rest } = parsed;
        assert.deepEqual(rest, { ...header, payload });
        assert.equal(length, datagram.length);
        const pseudo = pseudo_header(network.source, network.destination, 17, length);
        assert.equal(plainChecksum(pseudo, datagram), 0);
        assert.notEqual(checksum, 0);
        assert.deepEqual(udp.build(parsed, undefined, { network }), datagram);
      }),
    );
  });

  it('TCP', () => {
    holds(
      fc.property(arbitrary.tcpHeaders, payloads, networks, (header, payload, network) => {
        const segment = tcp.build(header, payload, { network });
        const parsed = tcp.parse(segment, { verify: true, network });
        const { checksum, ...rest } = parsed;
        assert.deepEqual(rest, { ...header, payload });
        const pseudo = pseudo_header(network.source, network.destination, 6, segment.length);
        assert.deepEqual([plainChecksum(pseudo, segment), segment.readUInt16BE(16)], [0, checksum]);
        assert.deepEqual(tcp.build(parsed, undefined, { network }), segment);
      }),
    );
  });
});

describe('options', () => {
  const words = fc
    .array(fc.uint8Array({ minLength: 4, maxLength: 4 }), { maxLength: 10 })
    .map((parts) => Buffer.concat(parts));
  // Few types and small lengths, so that many of them are options.
  const likely = fc
    .array(fc.constantFrom(0, 1, 2, 3, 4, 5, 7, 8, 10, 131, 148), { maxLength: 40 })
    .map((numbers) => Buffer.from(numbers.slice(0, numbers.length & ~3)));

  const rebuilt = (parse: () => Buffer): Buffer | undefined => {
    try {
      return parse();
    } catch (error) {
      assert.ok(error instanceof PacketError, String(error));
      return undefined;
    }
  };

  it('of any bytes in headers of IPv4 are kept byte for byte, or refused', () => {
    let kept = 0;
    holds(
      fc.property(fc.oneof(words, likely), (options) => {
        const header = { protocol: 1, source: '192.0.2.1', destination: '192.0.2.2' };
        const packet = Buffer.concat([ipv4.build(header), options]);
        packet.writeUInt8(0x40 | (packet.length / 4), 0);
        packet.writeUInt16BE(packet.length, 2);
        const again = rebuilt(() => ipv4.build(ipv4.parse(packet)));
        if (again === undefined) return;
        packet.writeUInt16BE(again.readUInt16BE(10), 10);
        assert.deepEqual(again, packet);
        kept += 1;
      }),
      500,
    );
    assert.ok(kept > 20, `only ${kept} were options`);
  });

  it('of any bytes in headers of TCP are kept byte for byte, or refused', () => {
    let kept = 0;
    holds(
      fc.property(fc.oneof(words, likely), (options) => {
        const start = tcp.build({ sourcePort: 1, destinationPort: 2 }, undefined, { checksum: 7 });
        const segment = Buffer.concat([start, options]);
        segment.writeUInt8((segment.length / 4) << 4, 12);
        const again = rebuilt(() => tcp.build(tcp.parse(segment), undefined, { checksum: 7 }));
        if (again === undefined) return;
        assert.deepEqual(again, segment);
        kept += 1;
      }),
      500,
    );
    assert.ok(kept > 20, `only ${kept} were options`);
  });

  it('of any bytes in headers of IPv6 are kept byte for byte, or refused', () => {
    let kept = 0;
    const rest = fc
      .array(fc.constantFrom(0, 0, 1, 1, 2, 3, 4, 5, 30), { minLength: 22, maxLength: 22 })
      .map((numbers) => Buffer.from(numbers));
    holds(
      fc.property(rest, (options) => {
        const header = { protocol: 60, source: '::1', destination: '::2' };
        const packet = ipv6.build(header, Buffer.concat([Buffer.of(59, 2), options]));
        const again = rebuilt(() => ipv6.build(ipv6.parse(packet)));
        if (again === undefined) return;
        assert.deepEqual(again, packet);
        kept += 1;
      }),
      500,
    );
    assert.ok(kept > 20, `only ${kept} were options`);
  });
});

describe('any bytes', () => {
  const network = { source: '192.0.2.1', destination: '192.0.2.2' };
  const parsers: readonly [name: string, parse: (bytes: Buffer) => unknown][] = [
    ['ethernet', (bytes) => ethernet.parse(bytes)],
    ['arp', (bytes) => arp.parse(bytes)],
    ['ipv4', (bytes) => ipv4.parse(bytes)],
    ['ipv6', (bytes) => ipv6.parse(bytes, { partial: true })],
    ['icmp', (bytes) => icmp.parse(bytes)],
    ['icmpv6', (bytes) => icmpv6.parse(bytes)],
    ['udp', (bytes) => udp.parse(bytes, { verify: true, network })],
    ['tcp', (bytes) => tcp.parse(bytes)],
  ];

  for (const [name, parse] of parsers) {
    it(`are taken for ${name}, or refused with a PacketError that is within them`, () => {
      holds(
        fc.property(anything, (bytes) => {
          try {
            parse(bytes);
          } catch (error) {
            assert.ok(error instanceof PacketError, String(error));
            assert.equal(error.protocol, name);
            assert.ok(error.offset >= 0 && error.offset <= bytes.length);
          }
        }),
        300,
      );
    });
  }

  it('can be decoded and summarised, whatever begins them', () => {
    const links = fc.constantFrom('ethernet', 'ip', 1, 772, 65534, 4711);
    holds(
      fc.property(anything, links, fc.boolean(), (bytes, link, verify) => {
        const decoded = decode(bytes, link as 'ip', { verify });
        assert.match(summary(decoded), /^[^\n]+$/);
      }),
      500,
    );
  });

  it('of a frame that was cut or damaged can be decoded, too', () => {
    holds(
      fc.property(arbitrary.frames, fc.nat(), fc.nat(), fc.nat(), (frame, length, at, value) => {
        const bytes = Buffer.from(frame.subarray(0, length % (frame.length + 1)));
        if (bytes.length > 0) bytes[at % bytes.length] = value & 0xff;
        for (const options of [{}, { partial: true }, { verify: true }]) {
          const { error, payload } = decode(bytes, 'ethernet', options);
          assert.ok(payload.length <= bytes.length);
          if (error) assert.ok(error.offset >= 0 && error.offset <= bytes.length, error.message);
          assert.match(summary(decode(bytes, 'ethernet', options)), /^[^\n]+$/);
        }
      }),
      500,
    );
  });

  it('whole frames are decoded without an error, checksums included', () => {
    holds(
      fc.property(arbitrary.frames, (frame) => {
        assert.equal(decode(frame, 'ethernet', { verify: true }).error, undefined);
      }),
      300,
    );
  });
});

describe('inet_checksum', () => {
  it("is RFC 1071's, for any length and alignment, with a pseudo-header or without", () => {
    const parts = fc.tuple(anything, anything, fc.nat(7));
    holds(
      fc.property(parts, ([data, header, skip]) => {
        const rest = data.subarray(Math.min(skip, data.length));
        assert.equal(inet_checksum(rest), plainChecksum(rest));
        // What comes before must have whole words, as all pseudo-headers have.
        const pseudo = header.subarray(0, header.length & ~1);
        assert.equal(inet_checksum(rest, pseudo), plainChecksum(pseudo, rest));
      }),
      300,
    );
  });
});

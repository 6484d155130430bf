// Wireshark's tshark as the judge: it finds in frames what was put there, field by field.

import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import { decode, icmp, icmpv6, type ipv6 } from 'berkeley-sockets/packet';
import * as fc from 'fast-check';
import { captureLoopback } from '../support/captures.js';
import '../support/leaks.js';
import { cannotMakeNamespaces } from '../support/namespaces.js';
import { frames as arbitraryFrames } from '../support/packets.js';
import { askTshark, hasTshark } from '../support/pcap.js';

const COUNT = 400;

type Decoded = ReturnType<typeof decode>;
/** What tshark should say of a field, where the layer has it: its first value, or all of them. */
type Expected = [field: string, value: unknown];

const hex = (number: number, digits = 4) => `0x${number.toString(16).padStart(digits, '0')}`;

function ethernetFields({ ethernet }: Decoded): Expected[] {
  if (!ethernet) return [];
  const { destination, source, vlans, type } = ethernet;
  const expected: Expected[] = [
    ['eth.dst', destination],
    ['eth.src', source],
  ];
  if (vlans.length === 0) expected.push(['eth.type', hex(type)]);
  const dot1q = vlans.filter(({ tpid }) => tpid !== 0x88a8);
  if (dot1q.length === vlans.length && vlans.length > 0) {
    expected.push(['vlan.id', vlans.map(({ id }) => id)]);
    expected.push(['vlan.priority', vlans.map(({ priority }) => priority)]);
    expected.push(['vlan.dei', vlans.map(({ dropEligible }) => dropEligible)]);
  }
  return expected;
}

function arpFields({ arp }: Decoded): Expected[] {
  if (!arp) return [];
  const expected: Expected[] = [
    ['arp.hw.type', arp.hardwareType],
    ['arp.proto.type', hex(arp.protocolType)],
    ['arp.opcode', arp.operation],
  ];
  const isUsual = arp.operation === 1 || arp.operation === 2;
  if (isUsual && typeof arp.senderHardware === 'string' && typeof arp.senderProtocol === 'string') {
    expected.push(
      ['arp.src.hw_mac', arp.senderHardware],
      ['arp.dst.hw_mac', arp.targetHardware],
      ['arp.src.proto_ipv4', arp.senderProtocol],
      ['arp.dst.proto_ipv4', arp.targetProtocol],
    );
  }
  return expected;
}

function ipv4Fields({ ipv4 }: Decoded): Expected[] {
  if (!ipv4) return [];
  // It does not name the types of options that it does not know.
  const types = { nop: 1, recordRoute: 7, looseSourceRoute: 131, strictSourceRoute: 137 };
  return [
    ['ip.dsfield.dscp', ipv4.dscp],
    ['ip.dsfield.ecn', ipv4.ecn],
    ['ip.len', ipv4.totalLength],
    ['ip.id', hex(ipv4.identification)],
    ['ip.flags', hex(ipv4.flags, 2)],
    ['ip.frag_offset', ipv4.fragmentOffset],
    ['ip.ttl', ipv4.ttl],
    ['ip.proto', ipv4.protocol],
    ['ip.checksum', hex(ipv4.checksum)],
    ['ip.checksum.status', 1],
    ['ip.src', ipv4.source],
    ['ip.dst', ipv4.destination],
    [
      'ip.opt.type',
      ipv4.options.flatMap((option) => {
        if (option.name === 'other') return [];
        return option.name === 'routerAlert' ? 148 : types[option.name];
      }),
    ],
  ];
}

const EXTENSIONS = {
  hopByHop: 0,
  destination: 60,
  routing: 43,
  fragment: 44,
};

function extensionType(extension: ipv6.Ipv6Extension): number {
  return extension.name === 'other' ? extension.type : EXTENSIONS[extension.name];
}

function ipv6Fields({ ipv6 }: Decoded): Expected[] {
  if (!ipv6) return [];
  const { extensions, protocol } = ipv6;
  const expected: Expected[] = [
    ['ipv6.tclass.dscp', ipv6.dscp],
    ['ipv6.tclass.ecn', ipv6.ecn],
    ['ipv6.flow', hex(ipv6.flowLabel, 6)],
    ['ipv6.plen', ipv6.payloadLength],
    ['ipv6.hlim', ipv6.hopLimit],
    ['ipv6.src', ipv6.source],
    ['ipv6.dst', ipv6.destination],
    ['ipv6.nxt', extensions[0] ? extensionType(extensions[0]) : protocol],
  ];
  const routing = extensions.find(({ name }) => name === 'routing');
  if (routing?.name === 'routing') {
    expected.push(['ipv6.routing.type', routing.routingType]);
    expected.push(['ipv6.routing.segleft', routing.segmentsLeft]);
  }
  return expected;
}

function udpFields({ udp }: Decoded): Expected[] {
  if (!udp) return [];
  return [
    ['udp.srcport', udp.sourcePort],
    ['udp.dstport', udp.destinationPort],
    ['udp.length', udp.length],
    ['udp.checksum', hex(udp.checksum)],
    ['udp.checksum.status', 1],
  ];
}

function tcpFields({ tcp }: Decoded): Expected[] {
  if (!tcp) return [];
  const { options } = tcp;
  const expected: Expected[] = [
    ['tcp.srcport', tcp.sourcePort],
    ['tcp.dstport', tcp.destinationPort],
    ['tcp.seq_raw', tcp.sequence],
    ['tcp.ack_raw', tcp.acknowledgment],
    ['tcp.flags', hex(tcp.flags)],
    ['tcp.window_size_value', tcp.window],
    ['tcp.checksum', hex(tcp.checksum)],
    ['tcp.checksum.status', 1],
    ['tcp.urgent_pointer', tcp.urgentPointer],
    ['tcp.len', tcp.payload.length],
  ];
  for (const option of options) {
    if (option.name === 'mss') expected.push(['tcp.options.mss_val', option.value]);
    if (option.name === 'windowScale') {
      expected.push(['tcp.options.wscale.shift', option.shift]);
    }
    if (option.name === 'timestamps') {
      expected.push(['tcp.options.timestamp.tsval', option.value]);
      expected.push(['tcp.options.timestamp.tsecr', option.echo]);
    }
    if (option.name === 'sack') {
      expected.push(['tcp.options.sack_le', option.blocks[0]?.[0]]);
      expected.push(['tcp.options.sack_re', option.blocks[0]?.[1]]);
    }
  }
  // Of several options of a kind the first one counts.
  return expected.filter(([field], at) => expected.findIndex(([name]) => name === field) === at);
}

function icmpFields({ icmp: message }: Decoded): Expected[] {
  if (!message) return [];
  const expected: Expected[] = [
    ['icmp.type', message.type],
    ['icmp.code', message.code],
    ['icmp.checksum', hex(message.checksum)],
    ['icmp.checksum.status', 1],
  ];
  if ([0, 8, 13, 14, 15, 16, 17, 18].includes(message.type)) {
    expected.push(['icmp.ident', message.identifier], ['icmp.seq', message.sequence]);
  }
  if (message.gateway !== undefined) expected.push(['icmp.redir_gw', message.gateway]);
  if (message.type === icmp.DESTINATION_UNREACHABLE && message.code === 4) {
    expected.push(['icmp.mtu', message.mtu]);
  }
  if (message.type === icmp.PARAMETER_PROBLEM) expected.push(['icmp.pointer', message.pointer]);
  return expected;
}

function icmpv6Fields({ icmpv6: message }: Decoded): Expected[] {
  if (!message) return [];
  const { type } = message;
  const expected: Expected[] = [
    ['icmpv6.type', type],
    ['icmpv6.code', message.code],
    ['icmpv6.checksum', hex(message.checksum)],
    ['icmpv6.checksum.status', 1],
  ];
  if (type === icmpv6.ECHO_REQUEST || type === icmpv6.ECHO_REPLY) {
    expected.push(['icmpv6.echo.identifier', hex(message.identifier ?? -1)]);
    expected.push(['icmpv6.echo.sequence_number', message.sequence]);
  }
  if (type === icmpv6.PACKET_TOO_BIG) expected.push(['icmpv6.mtu', message.mtu]);
  if (type === icmpv6.PARAMETER_PROBLEM) expected.push(['icmpv6.pointer', message.pointer]);
  if (type === icmpv6.ROUTER_ADVERTISEMENT) {
    expected.push(
      ['icmpv6.nd.ra.cur_hop_limit', message.hopLimit],
      ['icmpv6.nd.ra.flag', hex(message.flags ?? -1, 2)],
      ['icmpv6.nd.ra.router_lifetime', message.lifetime],
      ['icmpv6.nd.ra.reachable_time', message.reachableTime],
      ['icmpv6.nd.ra.retrans_timer', message.retransmitTime],
    );
  }
  if (type === icmpv6.NEIGHBOR_SOLICITATION) {
    expected.push(['icmpv6.nd.ns.target_address', message.target]);
  }
  if (type === icmpv6.NEIGHBOR_ADVERTISEMENT) {
    expected.push(['icmpv6.nd.na.target_address', message.target]);
    expected.push(['icmpv6.nd.na.flag.r', (message.flags ?? 0) >= 0x80]);
  }
  if (type === icmpv6.REDIRECT) {
    expected.push(['icmpv6.nd.rd.target_address', message.target]);
    expected.push(['icmpv6.rd.na.destination_address', message.destination]);
  }
  for (const option of message.options ?? []) {
    if (option.name === 'prefix') expected.push(['icmpv6.opt.prefix.length', option.length]);
    else if (option.name === 'mtu') expected.push(['icmpv6.opt.mtu', option.mtu]);
    else if (option.name === 'sourceLinkLayer') {
      expected.push(['icmpv6.opt.src_linkaddr', option.address]);
    }
  }
  return expected.filter(([field], at) => expected.findIndex(([name]) => name === field) === at);
}

const LAYERS = [
  ethernetFields,
  arpFields,
  ipv4Fields,
  ipv6Fields,
  udpFields,
  tcpFields,
  icmpFields,
  icmpv6Fields,
];

/** A value as tshark prints it. */
function printed(value: unknown): string {
  return typeof value === 'boolean' ? String(Number(value)) : String(value);
}

/** Compares what tshark says of frames with what is expected; gives how much that was. */
function judge(context: TestContext, frames: readonly Buffer[], expectations: Expected[][]) {
  const fields = [...new Set(expectations.flat().map(([field]) => field))];
  const answers = askTshark(context, frames, fields);
  assert.equal(answers.length, frames.length);
  let values = 0;
  const differences: unknown[] = [];
  expectations.forEach((expected, index) => {
    for (const [field, value] of expected) {
      const said = answers[index]?.get(field) ?? [];
      const wanted = Array.isArray(value) ? value : [value];
      const heard = said.slice(0, wanted.length);
      values += 1;
      if (heard.join() === wanted.map(printed).join()) continue;
      differences.push({ index, field, said, value, frame: frames[index]?.toString('hex') });
    }
  });
  assert.deepEqual(differences.slice(0, 5), []);
  context.diagnostic(`${values} values of ${fields.length} fields in ${frames.length} frames`);
  return { values, fields: fields.length };
}

const noTshark = !hasTshark && 'tshark is not installed';

test('tshark finds in frames what was put there', { skip: noTshark }, (context) => {
  const frames = fc.sample(arbitraryFrames, { seed: 791, numRuns: COUNT });
  const expectations = frames.map((frame) => {
    const decoded = decode(frame, 'ethernet', { verify: true });
    assert.equal(decoded.error, undefined);
    return LAYERS.flatMap((layer) => layer(decoded));
  });
  const { values, fields } = judge(context, frames, expectations);
  assert.ok(fields >= 60 && values >= 4000, `${values} values of ${fields} fields`);
});

test('tshark finds in captured frames what is found here', {
  skip: noTshark || cannotMakeNamespaces(),
}, async (context) => {
  const frames = (await captureLoopback(context)).map(([frame]) => frame);
  const expectations = frames.map((frame) =>
    LAYERS.flatMap((layer) => layer(decode(frame)))
      // Nobody computes checksums on the loopback.
      .filter(([field]) => !/^(tcp|udp).checksum.status$/.test(field)),
  );
  const { values } = judge(context, frames, expectations);
  assert.ok(values >= 200, `${values} values`);
});

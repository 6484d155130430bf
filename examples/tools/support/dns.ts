// Messages of DNS (RFC 1035), as far as multicast DNS needs them.

import { AF_INET, AF_INET6, inet_ntop } from 'berkeley-sockets';

export const TYPES = { A: 1, PTR: 12, TXT: 16, AAAA: 28, SRV: 33 } as const;

/** The name of a type of records that is known here. */
export type Type = keyof typeof TYPES;

/** What a record says. Of SRV: `[port, host]`; of TXT: its texts; else an address or a name. */
export interface RecordData {
  name: string;
  type: Type;
  values: string[];
}

const HEADER_BYTES = 12;
const INTERNET = 1;
const POINTER = 0xc0;
/** More pointers than any honest name has. */
const MOST_POINTERS = 32;

/** A label may have a dot in it, as names of services do: it is written `\.` then. */
const labelsOf = (name: string) => name.match(/(\\.|[^.\\])+/g) ?? [];

/** A message with questions. */
export function buildQuery(questions: readonly (readonly [name: string, type: Type])[]): Buffer {
  const header = Buffer.alloc(HEADER_BYTES);
  header.writeUInt16BE(questions.length, 4);
  const parts = questions.flatMap(([name, type]) => {
    const labels = labelsOf(name).map((label) => Buffer.from(label.replace(/\\(.)/g, '$1')));
    const bytes = labels.flatMap((label) => [Buffer.from([label.length]), label]);
    return [...bytes, Buffer.from([0, 0, TYPES[type], 0, INTERNET])];
  });
  return Buffer.concat([header, ...parts]);
}

/** A name, and where it ends. It may go on at an earlier place of the message. */
function parseName(message: Buffer, start: number): [name: string, end: number] {
  const labels: string[] = [];
  let at = start;
  let end: number | undefined;
  for (let pointers = 0; pointers < MOST_POINTERS; ) {
    const length = message.readUInt8(at);
    if (length === 0) return [labels.join('.'), end ?? at + 1];
    if (length >= POINTER) {
      end ??= at + 2;
      at = message.readUInt16BE(at) & 0x3fff;
      pointers += 1;
    } else {
      const label = message.subarray(at + 1, at + 1 + length).toString();
      labels.push(label.replace(/[\\.]/g, '\\$&'));
      at += 1 + length;
    }
  }
  throw new RangeError('a name that has no end');
}

function parseData(
  message: Buffer,
  type: number,
  start: number,
  end: number,
): string[] | undefined {
  const data = message.subarray(start, end);
  if (type === TYPES.A && data.length === 4) return [inet_ntop(AF_INET, data)];
  if (type === TYPES.AAAA && data.length === 16) return [inet_ntop(AF_INET6, data)];
  if (type === TYPES.PTR) return [parseName(message, start)[0]];
  if (type === TYPES.SRV) return [String(data.readUInt16BE(4)), parseName(message, start + 6)[0]];
  if (type !== TYPES.TXT) return undefined;
  const texts: string[] = [];
  for (let at = 0; at < data.length; at += 1 + (data[at] as number)) {
    const text = data.subarray(at + 1, at + 1 + (data[at] as number)).toString();
    if (text !== '') texts.push(text);
  }
  return texts;
}

/**
 * The records of an answer: all of its sections, without those of types that are not known.
 *
 * @throws RangeError if it is malformed
 */
export function parseAnswer(message: Buffer): RecordData[] {
  const isAnswer = (message.readUInt16BE(2) & 0x8000) !== 0;
  if (!isAnswer) return [];
  let at = HEADER_BYTES;
  for (let left = message.readUInt16BE(4); left > 0; left--) at = parseName(message, at)[1] + 4;
  const records: RecordData[] = [];
  const count = [6, 8, 10].reduce((sum, offset) => sum + message.readUInt16BE(offset), 0);
  for (let left = count; left > 0; left--) {
    const [name, head] = parseName(message, at);
    const number = message.readUInt16BE(head);
    const start = head + 10;
    at = start + message.readUInt16BE(head + 8);
    const values = parseData(message, number, start, at);
    const type = (Object.keys(TYPES) as Type[]).find((each) => TYPES[each] === number);
    if (values && type) records.push({ name, type, values });
  }
  return records;
}

// Files of captured frames in the classic pcap format, which Wireshark and tcpdump read.

import { closeSync, openSync, writevSync } from 'node:fs';

// With this number the fractions of seconds are nanoseconds.
const MAGIC = 0xa1b23c4d;
const HEADER_BYTES = 24;
const RECORD_BYTES = 16;
const BILLION = 1_000_000_000n;

/** A file that frames are appended to. */
export class CaptureFile implements Disposable {
  readonly #fd: number;

  /**
   * @param linkType what the frames begin with, a `LINKTYPE_` number of tcpdump.org
   * @param snapLength the most bytes that are kept of a frame
   */
  constructor(path: string, linkType: number, snapLength: number) {
    const header = Buffer.alloc(HEADER_BYTES);
    header.writeUInt32LE(MAGIC, 0);
    header.writeUInt16LE(2, 4);
    header.writeUInt16LE(4, 6);
    header.writeUInt32LE(snapLength, 16);
    header.writeUInt32LE(linkType, 20);
    this.#fd = openSync(path, 'w');
    writevSync(this.#fd, [header]);
  }

  /** Appends frames, with the time in nanoseconds since 1970 and the length before a cut. */
  append(frames: readonly (readonly [frame: Uint8Array, time: bigint, length: number])[]): void {
    const pieces = frames.flatMap(([frame, time, length]) => {
      const record = Buffer.alloc(RECORD_BYTES);
      record.writeUInt32LE(Number(time / BILLION), 0);
      record.writeUInt32LE(Number(time % BILLION), 4);
      record.writeUInt32LE(frame.length, 8);
      record.writeUInt32LE(length, 12);
      return [record, frame];
    });
    if (pieces.length > 0) writevSync(this.#fd, pieces);
  }

  [Symbol.dispose](): void {
    closeSync(this.#fd);
  }
}

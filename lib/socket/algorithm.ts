// The control messages of AF_ALG sockets: the kernel's cryptography (linux/if_alg.h).

import { OSError } from '../errors.js';
import { constants } from '../native.js';
import { isInteger, isOptions, toInt, typeName } from '../types.js';
import { toBuffers } from './arguments.js';
import { type BytesLike, toBytes } from './bytes.js';
import type { Descriptor } from './descriptor.js';

/** The keyword arguments of `sendmsg_afalg`. */
export interface AlgorithmOptions {
  /** ALG_OP_ENCRYPT, ALG_OP_DECRYPT, … */
  op: number;
  /** The initialisation vector. */
  iv?: BytesLike | null;
  /** The length of the associated data in bytes. */
  assoclen?: number;
  /** `MSG_` flags. */
  flags?: number;
}

type Item = [level: number, type: number, data: Uint8Array];

/** A C int in memory. */
function int(value: number): Uint8Array {
  return new Uint8Array(new Int32Array([value]).buffer);
}

function toOperation(value: unknown): number {
  if (value === undefined) throw new TypeError("Invalid or missing argument 'op'");
  if (!isInteger(value)) {
    throw new TypeError(`sendmsg_afalg() argument 2 must be int, not ${typeName(value)}`);
  }
  const operation = toInt(value, 'signed');
  if (operation < 0) throw new TypeError("Invalid or missing argument 'op'");
  return operation;
}

/** The buffers, control messages and flags of a call of `sendmsg_afalg`. */
export function algorithmItems(descriptor: Descriptor, given: readonly unknown[]) {
  if (descriptor.family !== constants.AF_ALG) {
    throw new OSError('algset is only supported for AF_ALG');
  }
  const last = given.at(-1);
  const options = (isOptions(last) ? last : {}) as Partial<AlgorithmOptions>;
  const positional = isOptions(last) ? given.slice(0, -1) : given;
  if (positional.length > 1) {
    throw new TypeError(
      `sendmsg_afalg() takes at most 1 positional argument (${positional.length} given)`,
    );
  }
  const { iv, assoclen, flags = 0 } = options;
  const views = positional[0] === undefined ? [] : toBuffers(positional[0], 'sendmsg_afalg');
  const level = constants.SOL_ALG as number;
  const items: Item[] = [[level, constants.ALG_SET_OP as number, int(toOperation(options.op))]];
  if (iv !== undefined && iv !== null) {
    const vector = toBytes(iv);
    const data = Buffer.concat([int(vector.length), vector]);
    items.push([level, constants.ALG_SET_IV as number, data]);
  }
  if (assoclen !== undefined) {
    const length = toInt(assoclen, 'signed');
    if (length < 0) throw new TypeError('assoclen must be positive');
    items.push([level, constants.ALG_SET_AEAD_ASSOCLEN as number, int(length)]);
  }
  return { views, items, flags: toInt(flags, 'signed') };
}

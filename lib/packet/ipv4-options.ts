// The options of IPv4's header (RFC 791, RFC 2113).

import { ValueError } from '../errors.js';
import { toField, UINT8_MAX, UINT16_MAX } from '../fields.js';
import type { OptionCodec, OtherOption } from './options.js';
import { type AddressLike, IPV4_BYTES, ipv4Text, toIpv4, toList } from './values.js';

/** A route: the addresses that were recorded or are to be passed. */
interface Route {
  /** Where the next address belongs, counted in bytes from 1 at the option's type: 4 at first. */
  pointer: number;
  addresses: string[];
}

type RouteName = 'recordRoute' | 'looseSourceRoute' | 'strictSourceRoute';

/** An option of IPv4: `nop` does nothing, `other` is one that has no name here. */
export type Ipv4Option =
  | { name: 'nop' }
  | ({ name: RouteName } & Route)
  | { name: 'routerAlert'; value: number }
  | OtherOption;

/** What an option is built from. */
export type Ipv4OptionInput =
  | { name: 'nop' }
  | { name: RouteName; pointer?: number; addresses: readonly AddressLike[] }
  | { name: 'routerAlert'; value?: number }
  | { name: 'other'; type: number; data?: OtherOption['data'] | Uint8Array };

const FIRST_POINTER = 4;

function route(name: RouteName, type: number): OptionCodec<Ipv4Option> {
  return {
    name,
    type,
    decode(data) {
      const length = data.length - 1;
      if (length < 0 || length % IPV4_BYTES !== 0) return undefined;
      const addresses = Array.from({ length: length / IPV4_BYTES }, (_, index) =>
        ipv4Text(data, 1 + index * IPV4_BYTES),
      );
      return { name, pointer: data.readUInt8(0), addresses };
    },
    encode({ pointer = FIRST_POINTER, addresses }, what) {
      const number = toField(pointer, `${what}.pointer`, UINT8_MAX);
      if (addresses === undefined) throw new ValueError(`${what}.addresses are missing`);
      const list = toList(addresses, `${what}.addresses`);
      const parts = list.map((address) => toIpv4(address, `${what}.addresses[]`));
      return Buffer.concat([Buffer.of(number), ...parts]);
    },
  };
}

export const IPV4_OPTIONS: readonly OptionCodec<Ipv4Option>[] = [
  route('recordRoute', 7),
  route('looseSourceRoute', 131),
  route('strictSourceRoute', 137),
  {
    name: 'routerAlert',
    type: 148,
    decode: (data) =>
      data.length === 2 ? { name: 'routerAlert', value: data.readUInt16BE(0) } : undefined,
    encode({ value = 0 }, what) {
      const data = Buffer.alloc(2);
      data.writeUInt16BE(toField(value, `${what}.value`, UINT16_MAX));
      return data;
    },
  },
];

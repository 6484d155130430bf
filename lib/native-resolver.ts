// The addon's functions for names, services and numbers, and the shape of its look-ups.

/** What a look-up asks for; native/core/lookup.h has the same numbers. */
export const LookupKind = {
  addresses: 0,
  nameOfAddress: 1,
  hostByName: 2,
  hostEntry: 3,
  hostByAddress: 4,
  serviceByName: 5,
  serviceByPort: 6,
  protocolByName: 7,
} as const;

/** A question: its kind, up to two texts (null where there is none), and four numbers. */
export type LookupRequest = readonly [
  kind: number,
  first: string | Buffer | null,
  second: string | Buffer | null,
  ...numbers: [number, number, number, number],
];

/** How a look-up failed; native/core/lookup.h has the same numbers. */
export const LookupFailure = { none: 0, errno: 1, name: 2, host: 3, text: 4 } as const;

/** An answer: a {@link LookupFailure}, and the result, the error's number or its text. */
export type LookupAnswer = readonly [failure: number, what: unknown];

/** The part of the addon that resolves names. None of the functions throws. */
export interface NativeResolver {
  lookup(...request: LookupRequest): LookupAnswer;
  /** The same on a thread of the pool; 0, or -errno where it was not begun. */
  lookupAsync(...question: [...LookupRequest, callback: (answer: LookupAnswer) => void]): number;
  /** Whether the host of an address is a name, so that a call with it may have to wait. */
  needsLookup(family: number, host: string | Uint8Array): boolean;
  /** The text of an `EAI_` number. */
  gaiText(code: number): string;
  /** The text of an h_errno number. */
  hostErrorText(code: number): string;
  /** The bytes of this host's name, or -errno. */
  hostName(): Buffer | number;
  setHostName(name: string | Buffer): number;
  /** All interfaces as number and name, or -errno. */
  interfaces(): [index: number, name: Buffer][] | number;
  /** The number of an interface; 0 if there is none of that name. */
  interfaceIndex(name: string | Buffer): number;
  /** The name of an interface, or -errno. */
  interfaceName(index: number): Buffer | number;
  /** inet_aton(3); null for a text that is no address. */
  internetTextToBytes(text: string): Buffer | null;
  /** inet_pton(3); null for a text that is no address, -errno for an unknown family. */
  presentationToBytes(family: number, text: string): Buffer | null | number;
  /** inet_ntop(3); null for a wrong number of bytes, -errno for an unknown family. */
  bytesToPresentation(family: number, bytes: Uint8Array): string | null | number;
}

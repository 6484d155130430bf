// The values of control messages as TypeScript sees them: what is decoded, and what is encoded.

/** Who sent a message: `struct ucred` of unix(7). */
export interface Credentials {
  /** The process. */
  pid: number;
  /** The user. */
  uid: number;
  /** The group. */
  gid: number;
}

/** Where an IPv4 packet came in: `struct in_pktinfo` of ip(7). */
export interface PacketInfo {
  /** The number of the network interface. */
  ifindex: number;
  /** The local address that an answer should come from; sent, the source address. */
  spec_dst: string;
  /** The destination in the packet's header, which may be a broadcast or a group. */
  addr: string;
}

/** Where an IPv6 packet came in: `struct in6_pktinfo` of ipv6(7). */
export interface PacketInfo6 {
  /** The destination in the packet's header; sent, the source address. */
  addr: string;
  /** The number of the network interface. */
  ifindex: number;
}

/** The times of a packet in nanoseconds since 1970, 0n where there is none. */
export interface Timestamps {
  /** The system's clock when the kernel saw the packet. */
  software: bigint;
  /** The interface's time in terms of the system's clock, which today's kernels leave at 0n. */
  legacy: bigint;
  /** The interface's own clock. */
  hardware: bigint;
}

/**
 * Why something could not be sent, or when it was: `struct sock_extended_err` of ip(7), from the
 * error queue (MSG_ERRQUEUE).
 */
export interface ExtendedError<Offender> {
  /** The error number; ENOMSG for a timestamp, 0 for a finished zero-copy send. */
  errno: number;
  /** Who found the error: an `SO_EE_ORIGIN_` number. */
  origin: number;
  /** The type of the ICMP message. */
  type: number;
  /** The code of the ICMP message. */
  code: number;
  /** More, by origin: the MTU for EMSGSIZE, an `SCM_TSTAMP_` number, the first zero-copy send. */
  info: number;
  /** More, by origin: the number of the timestamped send, the last zero-copy send. */
  data: number;
  /** The address of the machine that reported the error; null where there is none. */
  offender: Offender | null;
}

/** What a packet socket knows of a frame besides its bytes: `struct tpacket_auxdata` of packet(7). */
export interface PacketAuxiliary {
  /** `TP_STATUS_` bits. */
  status: number;
  /** The frame's length on the wire. */
  len: number;
  /** How much of it was captured. */
  snaplen: number;
  /** Where the link layer's header begins. */
  mac: number;
  /** Where the network layer's header begins. */
  net: number;
  /** The VLAN tag that the interface took out of the frame, if `status` has TP_STATUS_VLAN_VALID. */
  vlan_tci: number;
  /** The tag's EtherType, if `status` has TP_STATUS_VLAN_TPID_VALID. */
  vlan_tpid: number;
}

/** What the messages hold when they are decoded, by name. */
export interface ControlValues {
  /** Descriptors; received ones are the caller's to close. */
  SCM_RIGHTS: number[];
  /** The sender, with SO_PASSCRED. */
  SCM_CREDENTIALS: Credentials;
  /** With IP_PKTINFO. */
  IP_PKTINFO: PacketInfo;
  /** With IPV6_RECVPKTINFO. */
  IPV6_PKTINFO: PacketInfo6;
  /** The time to live, with IP_RECVTTL. */
  IP_TTL: number;
  /** The hop limit, with IPV6_RECVHOPLIMIT; sent, -1 is the system's default. */
  IPV6_HOPLIMIT: number;
  /** The byte with service class and ECN, with IP_RECVTOS; see {@link ecn}. */
  IP_TOS: number;
  /** The same of IPv6, with IPV6_RECVTCLASS; sent, -1 is the system's default. */
  IPV6_TCLASS: number;
  /** When a packet came: nanoseconds since 1970, in whole microseconds. */
  SO_TIMESTAMP: bigint;
  /** When a packet came: nanoseconds since 1970. */
  SO_TIMESTAMPNS: bigint;
  /** When a packet came or went, with SO_TIMESTAMPING. */
  SCM_TIMESTAMPING: Timestamps;
  /** As SO_TIMESTAMP, with the option SO_TIMESTAMP_NEW. */
  SO_TIMESTAMP_NEW: bigint;
  /** As SO_TIMESTAMPNS, with the option SO_TIMESTAMPNS_NEW. */
  SO_TIMESTAMPNS_NEW: bigint;
  /** As SCM_TIMESTAMPING, with the option SO_TIMESTAMPING_NEW. */
  SO_TIMESTAMPING_NEW: Timestamps;
  /** With IP_RECVERR and MSG_ERRQUEUE. */
  IP_RECVERR: ExtendedError<[host: string, port: number]>;
  /** With IPV6_RECVERR and MSG_ERRQUEUE. */
  IPV6_RECVERR: ExtendedError<[host: string, port: number, flowinfo: number, scope_id: number]>;
  /** The size of the datagrams that were received as one, with UDP_GRO. */
  UDP_GRO: number;
  /** The size of the datagrams that the kernel cuts what is sent into. */
  UDP_SEGMENT: number;
  /** With PACKET_AUXDATA. */
  PACKET_AUXDATA: PacketAuxiliary;
}

/** The messages that take something else, or less, than they give. */
interface OtherInputs {
  SCM_RIGHTS: Iterable<number>;
  IP_PKTINFO: Partial<PacketInfo>;
  IPV6_PKTINFO: Partial<PacketInfo6>;
  SCM_TIMESTAMPING: Partial<Timestamps>;
  SO_TIMESTAMPING_NEW: Partial<Timestamps>;
  IP_RECVERR: Partial<ControlValues['IP_RECVERR']>;
  IPV6_RECVERR: Partial<ControlValues['IPV6_RECVERR']>;
  PACKET_AUXDATA: Partial<PacketAuxiliary>;
}

/** What the messages are encoded from, by name; fields that are left out are 0. */
export type ControlInputs = OtherInputs & Omit<ControlValues, keyof OtherInputs>;

/** The name of a control message that is known here. */
export type ControlName = keyof ControlValues;

/** A decoded control message whose name is known. */
export type KnownMessage = {
  [Name in ControlName]: {
    /** The level, a `SOL_` constant. */
    level: number;
    /** The type within the level. */
    type: number;
    /** The name of level and type together. */
    name: Name;
    /** What the message says. */
    value: ControlValues[Name];
  };
}[ControlName];

/** A control message that is not known here, or that was cut: its bytes. */
export interface UnknownMessage {
  level: number;
  type: number;
  name: null;
  value: Buffer;
}

/** A decoded control message: compare `name` to know what `value` is. */
export type ControlMessage = KnownMessage | UnknownMessage;

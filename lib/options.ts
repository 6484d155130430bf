// `berkeley-sockets/options`: socket options whose values are structures, as plain calls.

export type { Credentials } from './ancillary/types.js';
export type { FilterInstruction } from './options/filter.js';
export { attach_filter, detach_filter } from './options/filter.js';
export type { GroupOptions } from './options/multicast.js';
export { join_group, leave_group } from './options/multicast.js';
export { bind_to_device, original_dst, peercred } from './options/peer.js';
export type { OptionSocket } from './options/socket.js';

// The actors of the soak run, and how many episodes of each go on at once.

import { blocking } from './actors/blocking.js';
import { clocks } from './actors/clocks.js';
import { datagrams } from './actors/datagrams.js';
import { names } from './actors/names.js';
import { opening } from './actors/opening.js';
import { passing } from './actors/passing.js';
import { scarcity } from './actors/scarcity.js';
import { selecting } from './actors/selecting.js';
import { loopServers, pooledServers } from './actors/servers.js';
import { streams } from './actors/streams.js';
import { threads } from './actors/threads.js';
import type { Episode } from './episode.js';

interface Actor {
  readonly name: string;
  /** How many of its episodes run at once. */
  readonly lanes: number;
  /** Acts for some seconds at most, and leaves nothing that the episode does not close. */
  readonly act: (episode: Episode) => Promise<void>;
}

export const actors: readonly Actor[] = [
  { name: 'streams', lanes: 40, act: streams },
  { name: 'datagrams', lanes: 20, act: datagrams },
  { name: 'passing', lanes: 6, act: passing },
  { name: 'blocking', lanes: 6, act: blocking },
  { name: 'selecting', lanes: 4, act: selecting },
  { name: 'opening', lanes: 4, act: opening },
  { name: 'names', lanes: 3, act: names },
  { name: 'servers on the loop', lanes: 2, act: loopServers },
  // A worker takes 25 ms of the machine and more to start.
  { name: 'servers in threads', lanes: 1, act: pooledServers },
  { name: 'threads', lanes: 2, act: threads },
  { name: 'scarcity', lanes: 1, act: scarcity },
  { name: 'clocks', lanes: 1, act: clocks },
];

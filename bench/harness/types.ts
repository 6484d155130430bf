// Declares what a scenario, a contender and a result are; every other file here speaks these types.

/** What one trial is told: it reaches C and Python as `BENCH_COUNT`, `BENCH_SIZE` and so on. */
export interface Parameters {
  /** How many operations (or bytes, or passes: the scenario says which) are timed. */
  readonly count: number;
  /** Bytes in one message or in one pass. */
  readonly size: number;
  /** How many connections a load keeps open. */
  readonly connections: number;
  /** The TCP port of whichever process listens; 0 when nobody does. */
  readonly port: number;
  /** The number of the process that listens; 0 when nobody does. */
  readonly pid: number;
  /** The path of a prepared file; empty when the scenario has none. */
  readonly file: string;
}

/** What a trial prints as one line of JSON. */
export interface Trial {
  /** Operations or bytes that were timed. */
  readonly amount: number;
  /** How long they took, in seconds. */
  readonly seconds: number;
  /** How much processor time the measured process used meanwhile, in seconds. */
  readonly cpu?: number;
}

/** What came out of one trial. */
export interface Figures {
  /** In the scenario's unit. */
  readonly value: number;
  /** Seconds of the measured process's processor time for one operation or byte. */
  readonly cpu: number | undefined;
}

/** What is compared between contenders: the value in the scenario's unit, or processor time. */
export type Figure = keyof Figures;

/** A process to start: a function of a scenario file in one of four languages, or a command. */
export type Program =
  | { readonly language: 'node'; readonly run: (parameters: Parameters) => unknown }
  | { readonly language: 'c' | 'python' | 'bun'; readonly source: string; readonly run: string }
  | { readonly language: 'command'; readonly command: readonly string[] };

/** One way of doing a scenario's work. */
export interface Contender {
  /** The process whose speed counts. */
  readonly measured: Program;
  /** The process it talks to. */
  readonly peer?: Program;
}

/** By contender, then by rival: what a comparison between the two may come to. */
export type Gates = Readonly<Record<string, Readonly<Record<string, number>>>>;

/** One benchmark: the default export of a file under `scenarios/<suite>/`. */
export interface Scenario {
  readonly title: string;
  /**
   * Rates are better when higher and compared by ratio, bytes when lower and by ratio, times when
   * lower and by difference.
   */
  readonly unit: 'operations/s' | 'bytes/s' | 'bytes' | 'milliseconds' | 'microseconds';
  readonly cases: Readonly<Record<string, Partial<Parameters>>>;
  readonly contenders: Readonly<Record<string, Contender>>;
  /** The least ratio; for bytes the greatest ratio, for times the greatest difference. */
  readonly gates: Gates;
  /** The greatest ratio of processor time per operation. */
  readonly cpuGates?: Gates;
  /** Which side opens the listening socket and announces its port. The peer, unless said. */
  readonly listener?: 'peer' | 'measured';
  /** Which side prints the result. The measured process, unless said. */
  readonly reporter?: 'peer' | 'measured';
  /** Whether the peer shares the measured core or runs on another. Another, unless said. */
  readonly peerCore?: 'same' | 'other';
  /** Makes what all trials share, such as a file. */
  readonly prepare?: () => Promise<Prepared>;
}

/** What a scenario's `prepare` made, and how to be rid of it. */
export interface Prepared {
  readonly parameters: Partial<Parameters>;
  dispose(): Promise<void>;
}

/** Everything known about one contender in one case. */
export interface Standing {
  /** What came out, round by round. */
  readonly rounds: Figures[];
  /** The medians of the rounds. */
  median?: Figures;
  /** Why it was left out although nothing is wrong, for instance "no python3 found". */
  skipped?: string;
  /** Why it failed. */
  error?: string;
}

/** A gate after the measurement. */
export interface Verdict {
  readonly contender: string;
  readonly rival: string;
  readonly figure: Figure;
  readonly limit: number;
  /** The median over the rounds of the ratio (or difference in milliseconds) within a round. */
  readonly measured?: number;
  readonly outcome: 'pass' | 'fail' | 'skipped';
}

/** One case of a scenario with all that was measured. */
export interface CaseResult {
  readonly name: string;
  readonly standings: Record<string, Standing>;
  verdicts: Verdict[];
}

/** One scenario with all its cases. */
export interface ScenarioResult {
  readonly name: string;
  readonly title: string;
  readonly unit: Scenario['unit'];
  readonly cases: CaseResult[];
}

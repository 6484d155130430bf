// Loads a suite and runs it: every round starts every contender of every case once.

import { readdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { judge } from './statistics.js';
import { compile, findBun, findCompiler, findCores, findPython } from './toolchain.js';
import { type Entry, type LoadedScenario, runTrial, type Workshop } from './trial.js';
import type { CaseResult, Parameters, Program, ScenarioResult, Standing } from './types.js';

const scenariosDirectory = join(import.meta.dirname, '..', 'scenarios');

/** Returns the names of all suites: the directories under `scenarios/`. */
export async function listSuites(): Promise<string[]> {
  const entries = await readdir(scenariosDirectory, { withFileTypes: true });
  return entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name);
}

/**
 * Loads a suite's scenarios in the order of their names.
 *
 * @param suite the directory's name
 * @param filter keeps the scenarios whose name or title contains it
 */
export async function loadSuite(suite: string, filter: string): Promise<LoadedScenario[]> {
  const directory = join(scenariosDirectory, suite);
  const files = (await readdir(directory)).filter((file) => file.endsWith('.js')).sort();
  const loaded = await Promise.all(
    files.map(async (entry) => {
      const file = join(directory, entry);
      const { default: scenario } = await import(pathToFileURL(file).href);
      return { name: basename(entry, '.js'), file, scenario } as LoadedScenario;
    }),
  );
  return loaded.filter(({ name, scenario }) => `${name} ${scenario.title}`.includes(filter));
}

/** A workshop, and why certain programs cannot run in it. */
export interface Preparation {
  readonly workshop: Workshop;
  readonly compiler: string | undefined;
  /** Messages of the compiler by C source. */
  readonly failures: ReadonlyMap<string, string>;
}

/** Finds the tools and compiles every C program the scenarios name. */
export async function prepareWorkshop(scenarios: readonly LoadedScenario[]): Promise<Preparation> {
  const [compiler, python, bun] = await Promise.all([findCompiler(), findPython(), findBun()]);
  const programs = scenarios.flatMap(({ scenario }) =>
    Object.values(scenario.contenders).flatMap(({ measured, peer }) => [measured, peer]),
  );
  const sources = new Set(
    programs.flatMap((program) => (program?.language === 'c' ? [program.source] : [])),
  );
  const executables = new Map<string, string>();
  const failures = new Map<string, string>();
  await Promise.all(
    [...(compiler ? sources : [])].map(async (source) => {
      try {
        executables.set(source, await compile(source));
      } catch (error) {
        failures.set(source, messageOf(error));
      }
    }),
  );
  return { workshop: { python, bun, cores: findCores(), executables }, compiler, failures };
}

/**
 * Runs one scenario, all contenders interleaved.
 *
 * @param rounds how often each contender runs in each case
 * @param signal ends the run
 * @param onTrial is called before each trial with what is about to run
 */
export async function runScenario(
  preparation: Preparation,
  loaded: LoadedScenario,
  rounds: number,
  signal: AbortSignal,
  onTrial: (label: string) => void,
): Promise<ScenarioResult> {
  const { scenario } = loaded;
  const prepared = await scenario.prepare?.();
  try {
    const entries: { entry: Entry; standing: Standing; label: string }[] = [];
    const cases = Object.entries(scenario.cases).map(([name, settings]): CaseResult => {
      const standings: Record<string, Standing> = {};
      const parameters = { ...unset, ...prepared?.parameters, ...settings };
      for (const [contenderName, contender] of Object.entries(scenario.contenders)) {
        const standing = initialStanding(preparation, contender.measured, contender.peer);
        standings[contenderName] = standing;
        const entry = { loaded, name: contenderName, contender, parameters };
        entries.push({ entry, standing, label: `${loaded.name}, ${name}: ${contenderName}` });
      }
      return { name, standings, verdicts: [] };
    });

    for (let round = 0; round < rounds; round++) {
      // Each round begins with another contender, so that none always runs after the same one.
      const first = round % entries.length;
      for (const turn of [...entries.slice(first), ...entries.slice(0, first)]) {
        onTrial(turn.label);
        await takeTurn(preparation.workshop, turn.entry, turn.standing, signal);
      }
    }
    for (const result of cases) {
      judge(scenario, result);
    }
    return { name: loaded.name, title: scenario.title, unit: scenario.unit, cases };
  } finally {
    await prepared?.dispose();
  }
}

const unset: Parameters = { count: 0, size: 0, connections: 0, port: 0, pid: 0, file: '' };

/** Runs a trial unless its contender is out, and puts the contender out when the trial fails. */
async function takeTurn(
  workshop: Workshop,
  entry: Entry,
  standing: Standing,
  signal: AbortSignal,
): Promise<void> {
  if (standing.skipped !== undefined || standing.error !== undefined) {
    return;
  }
  try {
    standing.rounds.push(await runTrial(workshop, entry, signal));
  } catch (error) {
    signal.throwIfAborted();
    standing.error = messageOf(error);
  }
}

function initialStanding(
  { workshop, compiler, failures }: Preparation,
  ...programs: (Program | undefined)[]
): Standing {
  const standing: Standing = { rounds: [] };
  for (const program of programs) {
    if (program?.language === 'python' && workshop.python === undefined) {
      standing.skipped = 'no python3 found';
    } else if (program?.language === 'bun' && workshop.bun === undefined) {
      standing.skipped = 'no bun found';
    } else if (program?.language === 'c' && compiler === undefined) {
      standing.skipped = 'no C compiler (cc) found';
    } else if (program?.language === 'c' && failures.has(program.source)) {
      standing.error = failures.get(program.source);
    }
  }
  return standing;
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

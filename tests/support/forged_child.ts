/**
 * Forged packages: valid ones with changed words and a checksum that fits. Each is refused by a ZeroskipError, or runs without a trap,
 * in time, and writes to its arena only. Writes what it is trying to the file in argv[2], so that the parent can name a hang.
 */
import { openSync, writeSync } from 'node:fs';
import { ZeroskipError } from '../../src/errors.ts';
import { readPackage } from '../../src/package/read.ts';
import { type MemoryMap, mapMemory } from '../../src/runtime/memory.ts';
import { type Base, basePackages } from './bases.ts';
import { mulberry32 } from './case_graph.ts';
import * as forgeries from './forgeries.ts';
import { Guard } from './guard.ts';
import { Machine, type Placed, pagesFor } from './machine.ts';

const SLOW_MS = 1500;
const MAX_BYTES = 2 ** 26;

const progress = openSync(process.argv[2], 'w');
const random = mulberry32(20240611);
const machines = new Map<number, Machine>();
const failures: string[] = [];
const counts = { forged: 0, refused: 0, ran: 0 };

async function machineFor(map: MemoryMap): Promise<Machine> {
  const pages = pagesFor(map);
  let machine = machines.get(pages);
  if (!machine) {
    machine = await Machine.open('simd', pages);
    machines.set(pages, machine);
  }
  return machine;
}

/** Runs all plans over an arena of junk. */
function run(placed: Placed, what: string): void {
  const { map, machine, pkg } = placed;
  pkg.manifest.plans.forEach(({ arenaBytes }, plan) => {
    const junk = new Uint32Array(machine.memory.buffer, map.arena, (map.bytes - map.arena) >> 2);
    for (let i = 0; i < junk.length; i++) junk[i] = Math.imul(i + 1, 0x9e3779b1);
    const guard = new Guard(placed);
    placed.run(plan);
    const stray = guard.check([[map.arena, map.arena + arenaBytes]]);
    if (stray !== undefined)
      failures.push(`${what}: writes byte ${stray}, the arena is ${map.arena} to ${map.arenaEnd}`);
  });
}

async function attempt(what: string, file: Uint8Array): Promise<void> {
  counts.forged++;
  writeSync(progress, what.padEnd(400), 0);
  // Time of this process: others may hold the machine.
  const start = process.cpuUsage();
  try {
    const pkg = readPackage(file);
    const map = mapMemory(pkg, 'narrow');
    if (map.bytes > MAX_BYTES) throw new ZeroskipError('OUT_OF_MEMORY', what);
    const placed = (await machineFor(map)).load(pkg, 'narrow');
    counts.ran++;
    run(placed, what);
  } catch (error) {
    if (error instanceof ZeroskipError && error.code !== 'INTERNAL') counts.refused++;
    else failures.push(`${what}: ${error}`);
  }
  const ms = process.cpuUsage(start).user / 1000;
  if (ms > SLOW_MS) failures.push(`${what}: takes ${ms.toFixed(0)} ms`);
}

function accepts(machine: Machine, file: Uint8Array): boolean {
  try {
    machine.load(file, 'narrow');
    return true;
  } catch (error) {
    if (error instanceof ZeroskipError) return false;
    throw error;
  }
}

const bases = await basePackages();
const families = new Set<string>();

async function* allOf(base: Base): AsyncGenerator<forgeries.Forgery> {
  const machine = await machineFor(mapMemory(readPackage(base.bytes), 'narrow'));
  yield* forgeries.singleWords(base);
  yield* forgeries.severalWords(base, 300, random);
  yield* forgeries.lastAddresses(base, (file) => accepts(machine, file));
  yield* forgeries.constants(base, 60, random);
  yield* forgeries.sectionTable(base, 10, random);
  yield* forgeries.programs(base, bases, 20, random);
  if (families.has(base.opCodes)) return;
  families.add(base.opCodes);
  yield* forgeries.emptyAndEndless(base);
  if (families.size % 8 === 0) yield* forgeries.manifests(base);
}

for (const base of bases) for await (const [what, file] of allOf(base)) await attempt(`${base.name}: ${what}`, file);
console.log(
  JSON.stringify({ ...counts, bases: bases.length, failures: failures.slice(0, 40), failed: failures.length }),
);

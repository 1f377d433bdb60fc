/**
 * Forged packages: valid ones with changed words and a checksum that fits. Each is refused by a ZeroskipError, or runs without a trap,
 * in time, and writes to its arena only. Writes what it is trying to the file in argv[2], so that the parent can name a hang.
 */
import { openSync, writeSync } from 'node:fs';
import { REC_ARENA, REC_BODY, REC_CONST, REC_SIZE, SLACK } from '../../assembly/abi.ts';
import { ZeroskipError } from '../../src/errors.ts';
import { HEADER, HEADER_BYTES } from '../../src/package/format.ts';
import { readPackage } from '../../src/package/read.ts';
import { type MemoryMap, mapMemory } from '../../src/runtime/memory.ts';
import { type Base, basePackages } from './bases.ts';
import { mulberry32 } from './case_graph.ts';
import { repack, reseal } from './forge.ts';
import { Guard } from './guard.ts';
import { Machine, pagesFor } from './machine.ts';

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

const heapBase = (await Machine.open('simd', 2)).kernels.heapBase;

async function attempt(what: string, file: Uint8Array): Promise<void> {
  counts.forged++;
  writeSync(progress, what.padEnd(400), 0);
  const start = performance.now();
  try {
    const pkg = readPackage(file);
    const map = mapMemory(pkg, heapBase, 'narrow');
    if (map.bytes > MAX_BYTES) {
      counts.refused++;
      return;
    }
    const machine = await machineFor(map);
    const placed = machine.load(pkg, 'narrow');
    counts.ran++;
    pkg.manifest.plans.forEach((_, plan) => {
      const junk = new Uint32Array(machine.memory.buffer, map.arena, (map.bytes - map.arena) >> 2);
      for (let i = 0; i < junk.length; i++) junk[i] = Math.imul(i + 1, 0x9e3779b1);
      const guard = new Guard(placed);
      placed.run(plan);
      const stray = guard.check([[map.arena, map.arena + pkg.manifest.plans[plan].arenaBytes]]);
      if (stray !== undefined)
        failures.push(`${what}: writes byte ${stray} outside of the arena ${map.arena} to ${map.arenaEnd}`);
    });
  } catch (error) {
    if (error instanceof ZeroskipError && error.code !== 'INTERNAL') counts.refused++;
    else failures.push(`${what}: ${error}`);
  }
  const ms = performance.now() - start;
  if (ms > SLOW_MS) failures.push(`${what}: takes ${ms.toFixed(0)} ms`);
}

const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)];

/** Values that are wrong by little, by much, or in sign. */
function values(old: number, arenaBytes: number): number[] {
  const near = [1, 4, 16].flatMap((d) => [old + d, old - d]);
  const edges = [0, 4, 16, 20, 64].map((d) => arenaBytes - d);
  const behind = [16, 28, 4].map((d) => arenaBytes + SLACK - d);
  const large = [0x7fffffff, 0x80000000, 0xffffffff, 0xfffffffc, 0xfffffff0, 0x10000, 0x40000000];
  return [0, 1, 2, 3, 4, 8, old * 2, old * 4, old >>> 1, arenaBytes * 4, ...near, ...edges, ...behind, ...large].map(
    (v) => v >>> 0,
  );
}

interface Word {
  section: number;
  at: number;
}

/** All words of the records that expand tables and of the program. */
function recordWords(base: Base): Word[] {
  const { manifest, sections } = readPackage(base.bytes);
  return [manifest.init, manifest.plans[0].narrow.section].flatMap((section) =>
    Array.from({ length: sections[section].length / 4 }, (_, i) => ({ section, at: i * 4 })),
  );
}

function withWords(base: Base, words: readonly (Word & { value: number })[]): Uint8Array {
  const { sections } = readPackage(base.bytes);
  return reseal(base.bytes, (_, view) => {
    for (const { section, at, value } of words) {
      view.setUint32(sections[section].byteOffset - base.bytes.byteOffset + at, value, true);
    }
  });
}

const wordOf = (base: Base, { section, at }: Word): number => {
  const bytes = readPackage(base.bytes).sections[section];
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getUint32(at, true);
};

async function singleWords(base: Base, arenaBytes: number): Promise<void> {
  for (const word of recordWords(base)) {
    for (const value of new Set(values(wordOf(base, word), arenaBytes))) {
      await attempt(
        `${base.name}: section ${word.section} word ${word.at} = ${value}`,
        withWords(base, [{ ...word, value }]),
      );
    }
  }
}

async function severalWords(base: Base, arenaBytes: number, times: number): Promise<void> {
  const words = recordWords(base).filter(({ at }) => at >= REC_BODY);
  for (let i = 0; i < times; i++) {
    const changed = Array.from({ length: 2 + Math.floor(random() * 3) }, () => {
      const word = pick(words);
      const value = random() < 0.3 ? wordOf(base, pick(words)) : pick(values(wordOf(base, word), arenaBytes));
      return { ...word, value };
    });
    const label = changed.map(({ section, at, value }) => `${section}:${at} = ${value}`).join(', ');
    await attempt(`${base.name}: ${label}`, withWords(base, changed));
  }
}

/** Every address moved as far up as the check allows: kernels read whole vectors there, at the end of memory. */
async function lastAddresses(base: Base): Promise<void> {
  const pkg = readPackage(base.bytes);
  const map = mapMemory(pkg, heapBase, 'narrow');
  const machine = await machineFor(map);
  const section = pkg.manifest.plans[0].narrow.section;
  const { buffer, byteOffset, byteLength } = pkg.sections[section];
  const view = new DataView(buffer, byteOffset, byteLength);
  for (let record = 0; record < byteLength; record += view.getUint32(record + REC_SIZE, true)) {
    const flags = view.getUint32(record + REC_ARENA, true) | view.getUint32(record + REC_CONST, true);
    for (let bit = 0; bit < 32; bit++) {
      if (((flags >>> bit) & 1) === 0) continue;
      const word = { section, at: record + REC_BODY + 4 * bit };
      const file = (value: number) => withWords(base, [{ ...word, value }]);
      let accepted = wordOf(base, word);
      for (let step = 2 ** Math.ceil(Math.log2(map.bytes)); step >= 1; step /= 2) {
        if (accepts(machine, file(accepted + step))) accepted += step;
      }
      await attempt(`${base.name}: record ${record} word ${word.at} = ${accepted}, the last address`, file(accepted));
    }
  }
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

/** One count of nothing beside another without end: no loop may run over the empty one. */
async function emptyAndEndless(base: Base): Promise<void> {
  const words = recordWords(base).filter(({ at }) => at >= REC_BODY);
  for (const empty of words) {
    for (const endless of words) {
      if (endless === empty || endless.section !== empty.section || Math.abs(endless.at - empty.at) > 128) continue;
      for (const value of [0x7fffffff, 0x7f800000]) {
        const what = `${base.name}: section ${empty.section} word ${empty.at} = 0, word ${endless.at} = ${value}`;
        await attempt(
          what,
          withWords(base, [
            { ...empty, value: 0 },
            { ...endless, value },
          ]),
        );
      }
    }
  }
}

/** Row numbers, counts, taps and weights, and any word of the file behind the manifest. */
async function constants(base: Base, times: number): Promise<void> {
  const { manifest, sections } = readPackage(base.bytes);
  const words = sections[manifest.constants].length >> 2;
  for (let i = 0; i < times && words > 0; i++) {
    const word = { section: manifest.constants, at: Math.floor(random() * words) * 4 };
    const value =
      pick([0, 1, 5, 0xffff, 0x10000, 0x7fffffff, 0xffffffff, wordOf(base, word) + 1, wordOf(base, word) * 3]) >>> 0;
    await attempt(`${base.name}: constant word ${word.at} = ${value}`, withWords(base, [{ ...word, value }]));
  }
}

async function manifests(base: Base, arenaBytes: number): Promise<void> {
  const numbers = [
    -1,
    0,
    1,
    2,
    7,
    8,
    64,
    arenaBytes - 8,
    arenaBytes + 8,
    arenaBytes + 64,
    2 ** 31,
    2 ** 32,
    2 ** 32 - 64,
    0.5,
    1e300,
  ];
  const paths = [
    'tableBytes',
    'constants',
    'init',
    'plans.0.arenaBytes',
    'plans.0.narrow.section',
    'plans.0.narrow.steps.0',
    'plans.0.inputOffsets.0',
    'plans.0.outputOffsets.0',
    'plans.0.inputs.0.0',
    'plans.0.outputs.0.0',
  ];
  for (const path of paths) {
    for (const value of numbers) {
      await attempt(
        `${base.name}: ${path} = ${value}`,
        repack(base.bytes, (manifest) => setAt(manifest, path.split('.'), value)),
      );
    }
  }
}

function setAt(object: object, [key, ...rest]: string[], value: number): void {
  const holder = object as Record<string, unknown>;
  if (rest.length === 0) holder[key] = value;
  else setAt(holder[key] as object, rest, value);
}

async function sectionTable(base: Base, times: number): Promise<void> {
  const count = readPackage(base.bytes).sections.length;
  for (let i = 0; i < times; i++) {
    const at = HEADER_BYTES + 4 * Math.floor(random() * count * 2);
    const file = reseal(base.bytes, (_, view) => {
      const value = pick(values(view.getUint32(at, true), view.byteLength));
      view.setUint32(at, value, true);
      writeSync(progress, `table word ${at} = ${value}`);
    });
    await attempt(`${base.name}: table word ${at} = ${new DataView(file.buffer).getUint32(at, true)}`, file);
  }
  for (const value of [0, 1, count - 1, count + 1, 0xffffffff, 0x20000000]) {
    const file = reseal(base.bytes, (_, view) => view.setUint32(HEADER.sections, value, true));
    await attempt(`${base.name}: ${value} sections`, file);
  }
}

/** Programs cut off, doubled, and run as the program of another package. */
async function programs(bases: readonly Base[], base: Base): Promise<void> {
  const { manifest, sections } = readPackage(base.bytes);
  const section = manifest.plans[0].narrow.section;
  for (let cut = 4; cut <= sections[section].length; cut += 4) {
    const file = repack(base.bytes, (_, list) => {
      list[section] = list[section].subarray(0, list[section].length - cut);
    });
    await attempt(`${base.name}: program cut by ${cut}`, file);
  }
  for (let i = 0; i < 20; i++) {
    const other = pick(bases);
    const { manifest: theirs, sections: from } = readPackage(other.bytes);
    const file = repack(base.bytes, (m, list) => {
      list[section] = from[theirs.plans[0].narrow.section].slice();
      m.plans[0].narrow.steps = theirs.plans[0].narrow.steps.map(() => 0);
    });
    await attempt(`${base.name}: program of ${other.name}`, file);
  }
}

const bases = await basePackages();
for (const base of bases) {
  const { arenaBytes } = readPackage(base.bytes).manifest.plans[0];
  await singleWords(base, arenaBytes);
  await severalWords(base, arenaBytes, 300);
  await constants(base, 60);
  await sectionTable(base, 10);
  await programs(bases, base);
  await lastAddresses(base);
}
const families = new Set<string>();
for (const base of bases) {
  const codes = base.name.split('op codes ')[1];
  if (families.has(codes)) continue;
  families.add(codes);
  await emptyAndEndless(base);
}
for (const base of bases.filter((_, i) => i % 8 === 0))
  await manifests(base, readPackage(base.bytes).manifest.plans[0].arenaBytes);
console.log(
  JSON.stringify({ ...counts, bases: bases.length, failures: failures.slice(0, 40), failed: failures.length }),
);

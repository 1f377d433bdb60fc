import { REC_ARENA, REC_BODY, REC_CONST, REC_SIZE, SLACK } from '../../assembly/abi.ts';
import { HEADER, HEADER_BYTES, SECTION_ENTRY } from '../../src/package/format.ts';
import { readPackage } from '../../src/package/read.ts';
import type { Base } from './bases.ts';
import { repack, reseal } from './forge.ts';

/** What was changed, and the package with a checksum that fits. */
export type Forgery = [what: string, file: Uint8Array];

type Random = () => number;

const pick = <T>(list: readonly T[], random: Random): T => list[Math.floor(random() * list.length)];

/** Values that are wrong by little, by much, or in sign. */
function values(old: number, arenaBytes: number): number[] {
  const near = [1, 4, 16].flatMap((d) => [old + d, old - d]);
  const edges = [0, 4, 16, 20, 64].map((d) => arenaBytes - d);
  const behind = [16, 28, 4].map((d) => arenaBytes + SLACK - d);
  const large = [0x7fffffff, 0x80000000, 0xffffffff, 0xfffffffc, 0xfffffff0, 0x10000, 0x40000000];
  const all = [0, 1, 2, 3, 4, 8, old * 2, old * 4, old >>> 1, arenaBytes * 4, ...near, ...edges, ...behind, ...large];
  return all.map((v) => v >>> 0);
}

const arenaOf = (base: Base): number => readPackage(base.bytes).manifest.plans[0].arenaBytes;

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

/** Each word of each record, one at a time. */
export function* singleWords(base: Base): Generator<Forgery> {
  for (const word of recordWords(base)) {
    for (const value of new Set(values(wordOf(base, word), arenaOf(base)))) {
      yield [`section ${word.section} word ${word.at} = ${value}`, withWords(base, [{ ...word, value }])];
    }
  }
}

/** Two to four words at once. */
export function* severalWords(base: Base, times: number, random: Random): Generator<Forgery> {
  const words = recordWords(base).filter(({ at }) => at >= REC_BODY);
  for (let i = 0; i < times; i++) {
    const changed = Array.from({ length: 2 + Math.floor(random() * 3) }, () => {
      const word = pick(words, random);
      const other = random() < 0.3 ? wordOf(base, pick(words, random)) : undefined;
      return { ...word, value: other ?? pick(values(wordOf(base, word), arenaOf(base)), random) };
    });
    yield [changed.map(({ section, at, value }) => `${section}:${at} = ${value}`).join(', '), withWords(base, changed)];
  }
}

/** Every address moved as far up as `accepts` allows: kernels read whole vectors there, at the end of memory. */
export function* lastAddresses(base: Base, accepts: (file: Uint8Array) => boolean): Generator<Forgery> {
  const { manifest, sections } = readPackage(base.bytes);
  const section = manifest.plans[0].narrow.section;
  const { buffer, byteOffset, byteLength } = sections[section];
  const view = new DataView(buffer, byteOffset, byteLength);
  for (let record = 0; record < byteLength; record += view.getUint32(record + REC_SIZE, true)) {
    const flags = view.getUint32(record + REC_ARENA, true) | view.getUint32(record + REC_CONST, true);
    for (let bit = 0; bit < 32; bit++) {
      if (((flags >>> bit) & 1) === 0) continue;
      const word = { section, at: record + REC_BODY + 4 * bit };
      const file = (value: number) => withWords(base, [{ ...word, value }]);
      let accepted = wordOf(base, word);
      for (let step = 2 ** 20; step >= 1; step /= 2) if (accepts(file(accepted + step))) accepted += step;
      yield [`record ${record} word ${word.at} = ${accepted}, the last address`, file(accepted)];
    }
  }
}

/** One count of nothing beside another without end: no loop may run over the empty one. */
export function* emptyAndEndless(base: Base): Generator<Forgery> {
  const words = recordWords(base).filter(({ at }) => at >= REC_BODY);
  for (const empty of words) {
    for (const endless of words) {
      if (endless === empty || endless.section !== empty.section || Math.abs(endless.at - empty.at) > 128) continue;
      for (const value of [0x7fffffff, 0x7f800000]) {
        const what = `section ${empty.section} word ${empty.at} = 0, word ${endless.at} = ${value}`;
        yield [
          what,
          withWords(base, [
            { ...empty, value: 0 },
            { ...endless, value },
          ]),
        ];
      }
    }
  }
}

/** Row numbers, counts, taps and weights. */
export function* constants(base: Base, times: number, random: Random): Generator<Forgery> {
  const { manifest, sections } = readPackage(base.bytes);
  const words = sections[manifest.constants].length >> 2;
  for (let i = 0; i < times && words > 0; i++) {
    const word = { section: manifest.constants, at: Math.floor(random() * words) * 4 };
    const old = wordOf(base, word);
    const value = pick([0, 1, 5, 0xffff, 0x10000, 0x7fffffff, 0xffffffff, old + 1, old * 3], random) >>> 0;
    yield [`constant word ${word.at} = ${value}`, withWords(base, [{ ...word, value }])];
  }
}

const NUMBERS = [
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

/** Each number of the manifest. */
export function* manifests(base: Base): Generator<Forgery> {
  const arena = arenaOf(base);
  const close = [-1, 0, 1, 2, 7, 8, 64, arena - 8, arena + 8, arena + 64];
  for (const path of NUMBERS) {
    for (const value of [...close, 2 ** 31, 2 ** 32, 2 ** 32 - 64, 0.5, 1e300]) {
      yield [`${path} = ${value}`, repack(base.bytes, (manifest) => setAt(manifest, path.split('.'), value))];
    }
  }
}

function setAt(object: object, [key, ...rest]: string[], value: number): void {
  const holder = object as Record<string, unknown>;
  if (rest.length === 0) holder[key] = value;
  else setAt(holder[key] as object, rest, value);
}

/** Places, sizes and the number of the sections. */
export function* sectionTable(base: Base, times: number, random: Random): Generator<Forgery> {
  const count = readPackage(base.bytes).sections.length;
  const old = new DataView(base.bytes.buffer, base.bytes.byteOffset);
  const word = (at: number, value: number) => reseal(base.bytes, (_, view) => view.setUint32(at, value, true));
  for (let i = 0; i < times; i++) {
    const at = HEADER_BYTES + SECTION_ENTRY * Math.floor(random() * count) + 4 * Math.floor(random() * 2);
    const value = pick(values(old.getUint32(at, true), base.bytes.length), random);
    yield [`table word ${at} = ${value}`, word(at, value)];
  }
  for (const value of [0, 1, count - 1, count + 1, 0xffffffff, 0x20000000]) {
    yield [`${value} sections`, word(HEADER.sections, value)];
  }
}

/** Programs cut off, and the program of another package. */
export function* programs(base: Base, others: readonly Base[], times: number, random: Random): Generator<Forgery> {
  const { manifest, sections } = readPackage(base.bytes);
  const section = manifest.plans[0].narrow.section;
  for (let cut = 4; cut <= sections[section].length; cut += 4) {
    const file = repack(base.bytes, (_, list) => {
      list[section] = list[section].subarray(0, list[section].length - cut);
    });
    yield [`program cut by ${cut}`, file];
  }
  for (let i = 0; i < times; i++) {
    const other = pick(others, random);
    const { manifest: theirs, sections: from } = readPackage(other.bytes);
    const file = repack(base.bytes, (m, list) => {
      list[section] = from[theirs.plans[0].narrow.section].slice();
      m.plans[0].narrow.steps = theirs.plans[0].narrow.steps.map(() => 0);
    });
    yield [`program of ${other.name}`, file];
  }
}

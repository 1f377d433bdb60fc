import { Checksum, HEADER_BYTES, type Manifest } from '../package/format.ts';
import {
  expectAbi,
  expectChecksum,
  type Head,
  invalid,
  readHead,
  readManifest,
  type SectionRange,
} from '../package/read.ts';
import type { InputReader } from './input.ts';

/** The front of a package: what has to be known before memory can be laid out. */
export interface Front {
  head: Head;
  manifest: Manifest;
  sections: readonly SectionRange[];
  /** The file up to the end of the manifest. */
  bytes: Uint8Array;
}

/**
 * Reads header, section table and manifest.
 * @throws ZeroskipError `INVALID_PACKAGE`, `FILE_ERROR`, `ABORTED`
 */
export async function receiveFront(reader: InputReader): Promise<Front> {
  const start = new Uint8Array(HEADER_BYTES);
  const head = readHead(start.subarray(0, await reader.fill(start)));
  reader.total = head.bytes;
  // The length is the header's word: take the memory as the bytes come.
  let bytes = start;
  while (bytes.byteLength < head.manifestEnd) {
    const more = new Uint8Array(Math.min(head.manifestEnd, bytes.byteLength + PIECE));
    more.set(bytes);
    const wanted = more.byteLength - bytes.byteLength;
    await expectAll(reader, head, more.subarray(bytes.byteLength), wanted);
    bytes = more;
  }
  return { head, bytes, ...readManifest(head, bytes) };
}

/** Most bytes that are taken at once for what nobody has checked yet. */
const PIECE = 1 << 20;

/**
 * Reads the sections of a package, each to where `destination` says; those without one are checked and dropped.
 * @throws ZeroskipError `INVALID_PACKAGE`, `FILE_ERROR`, `ABORTED`
 */
export async function receiveSections(
  reader: InputReader,
  { head, bytes, sections }: Front,
  destination: (section: number) => Uint8Array | undefined,
): Promise<void> {
  const sum = new Checksum(head.bytes);
  let carried = bytes;
  // Pieces of the sum are whole words, wherever sections begin and end.
  const add = (piece: Uint8Array): void => {
    const all = carried.byteLength === 0 ? piece : joined(carried, piece);
    const whole = all.byteLength & ~3;
    sum.add(all.subarray(0, whole));
    carried = all.slice(whole);
  };
  add(new Uint8Array(0));
  const scratch = new Uint8Array(Math.min(PIECE, head.bytes));
  let at = bytes.byteLength;
  const pass = async (end: number): Promise<void> => {
    while (at < end) {
      const piece = scratch.subarray(0, Math.min(end - at, scratch.byteLength));
      await expectAll(reader, head, piece, piece.byteLength);
      add(piece);
      at += piece.byteLength;
    }
  };
  const order = sections.map((section, index) => ({ ...section, index })).sort((a, b) => a.at - b.at);
  for (const { at: start, byteLength, index } of order) {
    if (byteLength === 0) continue;
    if (start < at) invalid(`section ${index} overlaps what stands before it`);
    await pass(start);
    const target = destination(index);
    if (!target) {
      await pass(start + byteLength);
      continue;
    }
    await expectAll(reader, head, target, byteLength);
    add(target);
    at += byteLength;
  }
  await pass(head.bytes);
  sum.add(carried);
  if ((await reader.fill(new Uint8Array(1))) > 0) invalid(`${head.bytes} bytes expected, found more`);
  expectChecksum(head, sum.sums);
  expectAbi(bytes);
}

function joined(a: Uint8Array, b: Uint8Array): Uint8Array {
  const all = new Uint8Array(a.byteLength + b.byteLength);
  all.set(a);
  all.set(b, a.byteLength);
  return all;
}

async function expectAll(reader: InputReader, head: Head, target: Uint8Array, wanted: number): Promise<void> {
  if ((await reader.fill(target)) < wanted)
    invalid(`${head.bytes} bytes expected, found ${reader.loaded}: the file is cut off`);
}

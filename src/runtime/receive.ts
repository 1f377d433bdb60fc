import { checksum, HEADER_BYTES, type Manifest, type Sums } from '../package/format.ts';
import {
  expectChecksum,
  expectPadding,
  type Head,
  inOrder,
  invalid,
  readFront,
  readHead,
  type SectionRange,
} from '../package/read.ts';
import type { InputReader } from './input.ts';

/** The front of a package: what has to be known before memory can be laid out. */
export interface Front {
  head: Head;
  manifest: Manifest;
  sections: readonly SectionRange[];
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
  return { head, ...readFront(head, bytes) };
}

/** Most bytes that are taken at once for what nobody has checked yet. */
const PIECE = 1 << 20;

/**
 * Reads the sections of a package, each to where `destination` says, for the caller to check; those without one are checked and dropped.
 * @throws ZeroskipError `INVALID_PACKAGE`, `FILE_ERROR`, `ABORTED`
 */
export async function receiveSections(
  reader: InputReader,
  { head, sections }: Front,
  destination: (section: number) => Uint8Array | undefined,
): Promise<void> {
  const order = inOrder(head, sections);
  let at = head.manifestEnd;
  const pad = async (end: number): Promise<void> => {
    while (at < end) {
      const padding = new Uint8Array(Math.min(end - at, PIECE));
      await expectAll(reader, head, padding, padding.byteLength);
      expectPadding(padding);
      at += padding.byteLength;
    }
  };
  const sumsOf = async (bytes: number): Promise<Sums> => {
    let sums: Sums = [bytes, 0];
    for (let left = bytes; left > 0; ) {
      const piece = new Uint8Array(Math.min(left, PIECE));
      await expectAll(reader, head, piece, piece.byteLength);
      sums = checksum(piece, sums);
      left -= piece.byteLength;
    }
    return sums;
  };
  for (const { at: start, byteLength, index, checksum: expected } of order) {
    await pad(start);
    const target = destination(index);
    if (target) await expectAll(reader, head, target, byteLength);
    else expectChecksum(expected, await sumsOf(byteLength));
    at = start + byteLength;
  }
  await pad(head.bytes);
  if ((await reader.fill(new Uint8Array(1))) > 0) invalid(`${head.bytes} bytes expected, found more`);
}

async function expectAll(reader: InputReader, head: Head, target: Uint8Array, wanted: number): Promise<void> {
  if ((await reader.fill(target)) < wanted)
    invalid(`${head.bytes} bytes expected, found ${reader.loaded}: the file is cut off`);
}

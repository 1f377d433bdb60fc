import { ensure } from '../errors.ts';
import type { Pieces } from '../plan/constants.ts';
import {
  ABI_VERSION,
  checksum,
  FORMAT_VERSION,
  frontChecksum,
  HEADER,
  HEADER_BYTES,
  MAGIC,
  MAX_MANIFEST_BYTES,
  type Manifest,
  SECTION,
  SECTION_ALIGNMENT,
  SECTION_ENTRY,
  type Sums,
} from './format.ts';

const align = (n: number): number => Math.ceil(n / SECTION_ALIGNMENT) * SECTION_ALIGNMENT;

/** Writes a package as SPEC.md describes it. A section may come in pieces. */
export function writePackage(manifest: Manifest, sections: readonly (Uint8Array | Pieces)[]): Uint8Array {
  const json = new TextEncoder().encode(JSON.stringify(manifest));
  ensure(
    json.byteLength <= MAX_MANIFEST_BYTES,
    'INVALID_MODEL',
    () => `the manifest takes ${json.byteLength} bytes, at most ${MAX_MANIFEST_BYTES} are allowed`,
  );
  const manifestAt = HEADER_BYTES + sections.length * SECTION_ENTRY;
  let end = align(manifestAt + json.byteLength);
  const offsets = sections.map((section) => {
    const at = end;
    end = align(end + section.byteLength);
    return at;
  });
  ensure(end < 2 ** 32, 'INVALID_MODEL', () => `the package would take ${end} bytes, at most 4 GiB are allowed`);
  const file = new Uint8Array(end);
  const view = new DataView(file.buffer);
  view.setUint32(HEADER.magic, MAGIC, true);
  view.setUint32(HEADER.version, FORMAT_VERSION, true);
  view.setUint32(HEADER.abi, ABI_VERSION, true);
  view.setUint32(HEADER.bytes, end, true);
  view.setUint32(HEADER.manifest, json.byteLength, true);
  view.setUint32(HEADER.sections, sections.length, true);
  sections.forEach((section, i) => {
    const entry = HEADER_BYTES + i * SECTION_ENTRY;
    view.setUint32(entry + SECTION.at, offsets[i], true);
    view.setUint32(entry + SECTION.bytes, section.byteLength, true);
    const pieces = 'pieces' in section ? section.pieces : [{ at: 0, data: section }];
    for (const { at, data } of pieces) file.set(data, offsets[i] + at);
  });
  file.set(json, manifestAt);
  seal(file);
  return file;
}

/** Writes the checksums of a file whose header and section table stand; sections that lie outside of it keep theirs. */
export function seal(file: Uint8Array): void {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const write = (field: number, [a, b]: Sums): void => {
    view.setUint32(field, a, true);
    view.setUint32(field + 4, b, true);
  };
  const end = HEADER_BYTES + view.getUint32(HEADER.sections, true) * SECTION_ENTRY;
  for (let entry = HEADER_BYTES; entry < Math.min(end, file.byteLength - SECTION_ENTRY); entry += SECTION_ENTRY) {
    const at = view.getUint32(entry + SECTION.at, true);
    const bytes = view.getUint32(entry + SECTION.bytes, true);
    if (at + bytes <= file.byteLength) write(entry + SECTION.checksum, checksum(file.subarray(at, at + bytes)));
  }
  write(HEADER.checksum, frontChecksum(file.subarray(0, end + view.getUint32(HEADER.manifest, true))));
}

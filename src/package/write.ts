import { ensure } from '../errors.ts';
import type { Pieces } from '../plan/constants.ts';
import {
  ABI_VERSION,
  checksum,
  FORMAT_VERSION,
  HEADER,
  HEADER_BYTES,
  MAGIC,
  MAX_MANIFEST_BYTES,
  type Manifest,
  SECTION_ALIGNMENT,
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
  const manifestAt = HEADER_BYTES + sections.length * 8;
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
    view.setUint32(HEADER_BYTES + i * 8, offsets[i], true);
    view.setUint32(HEADER_BYTES + i * 8 + 4, section.byteLength, true);
    const pieces = 'pieces' in section ? section.pieces : [{ at: 0, data: section }];
    for (const { at, data } of pieces) file.set(data, offsets[i] + at);
  });
  file.set(json, manifestAt);
  const [a, b] = checksum(file);
  view.setUint32(HEADER.checksum, a, true);
  view.setUint32(HEADER.checksum + 4, b, true);
  return file;
}

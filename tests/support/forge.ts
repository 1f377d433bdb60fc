import { HEADER, type Manifest, SECTION_ENTRY } from '../../src/package/format.ts';
import { readPackage } from '../../src/package/read.ts';
import { seal, writePackage } from '../../src/package/write.ts';

/** A copy of a package with its checksum made to fit again after `change`. */
export function reseal(file: Uint8Array, change: (bytes: Uint8Array, view: DataView) => void): Uint8Array {
  const bytes = file.slice();
  const view = new DataView(bytes.buffer);
  change(bytes, view);
  seal(bytes);
  return bytes;
}

/** A package with another manifest or other sections, which `change` may edit in place. */
export function repack(file: Uint8Array, change: (manifest: Manifest, sections: Uint8Array[]) => void): Uint8Array {
  const { manifest, sections } = readPackage(file);
  const copies = sections.map((section) => section.slice());
  const copy = structuredClone(manifest);
  change(copy, copies);
  return writePackage(copy, copies);
}

/** A package whose manifest is any text. */
export function withManifest(file: Uint8Array, json: string | Uint8Array): Uint8Array {
  const { manifest, sections } = readPackage(file);
  const text = typeof json === 'string' ? new TextEncoder().encode(json) : json;
  // A manifest of the same length as `text` reserves the room that `text` takes.
  const bare = JSON.stringify({ ...manifest, name: '' });
  const room = Math.max(0, text.length - new TextEncoder().encode(bare).length);
  const padded = writePackage({ ...manifest, name: 'x'.repeat(room) }, sections);
  return reseal(padded, (bytes, view) => {
    const at = 64 + view.getUint32(HEADER.sections, true) * SECTION_ENTRY;
    bytes.fill(0x20, at, at + view.getUint32(HEADER.manifest, true));
    bytes.set(text, at);
    if (text.length > 0) return;
    view.setUint32(HEADER.manifest, 0, true);
  });
}

import { ZeroskipError } from '../errors.ts';
import {
  ABI_VERSION,
  checksum,
  FORMAT_VERSION,
  HEADER,
  HEADER_BYTES,
  MAGIC,
  MAX_MANIFEST_BYTES,
  type Manifest,
} from './format.ts';
import { validateManifest } from './validate.ts';

/** A package whose header, checksum, section bounds and manifest hold. */
export interface Package {
  manifest: Manifest;
  /** Views of the file, no copies. */
  sections: Uint8Array[];
}

/** What the header says. */
export interface Head {
  /** Bytes of the file, of the manifest, and where the manifest ends. */
  bytes: number;
  manifestBytes: number;
  manifestEnd: number;
  sections: number;
  checksum: readonly [number, number];
}

/** Where a section stands in the file. */
export interface SectionRange {
  at: number;
  byteLength: number;
}

export function invalid(message: string, cause?: unknown): never {
  throw new ZeroskipError('INVALID_PACKAGE', `package: ${message}`, { cause });
}

/**
 * Reads the header of a package.
 * @param start the first bytes of the file
 */
export function readHead(start: Uint8Array): Head {
  if (start.byteLength >= 4 && new DataView(start.buffer, start.byteOffset).getUint32(HEADER.magic, true) !== MAGIC)
    invalid(`it does not start with 'ZSK1'${hint(start)}`);
  if (start.byteLength < HEADER_BYTES)
    invalid(`${start.byteLength} bytes are too few for a header; the file is cut off or no package`);
  const view = new DataView(start.buffer, start.byteOffset, HEADER_BYTES);
  const u32 = (at: number) => view.getUint32(at, true);
  if (u32(HEADER.version) !== FORMAT_VERSION) {
    invalid(
      `format version ${u32(HEADER.version)}, this runtime reads version ${FORMAT_VERSION}; compile the model again`,
    );
  }
  const bytes = u32(HEADER.bytes);
  const sections = u32(HEADER.sections);
  const manifestBytes = u32(HEADER.manifest);
  const manifestEnd = HEADER_BYTES + sections * 8 + manifestBytes;
  if (manifestBytes > MAX_MANIFEST_BYTES || manifestEnd > bytes) invalid('the manifest does not fit the file');
  return {
    bytes,
    manifestBytes,
    manifestEnd,
    sections,
    checksum: [u32(HEADER.checksum), u32(HEADER.checksum + 4)],
  };
}

/** Fails unless the sums are those of the header. */
export function expectChecksum({ checksum }: Head, [a, b]: readonly [number, number]): void {
  if (a !== checksum[0] || b !== checksum[1]) invalid('the checksum does not match: the file is damaged');
}

/** The header's kernel interface; looked at last, so that a damaged file is called damaged. */
export function expectAbi(start: Uint8Array): void {
  const abi = new DataView(start.buffer, start.byteOffset).getUint32(HEADER.abi, true);
  if (abi !== ABI_VERSION) invalid(`kernel interface ${abi}, this runtime has ${ABI_VERSION}; compile the model again`);
}

/**
 * Reads the section table and the manifest.
 * @param start the file up to the end of the manifest
 */
export function readManifest(head: Head, start: Uint8Array): { manifest: Manifest; sections: SectionRange[] } {
  const view = new DataView(start.buffer, start.byteOffset, start.byteLength);
  const sections: SectionRange[] = [];
  for (let i = 0; i < head.sections; i++) {
    const at = view.getUint32(HEADER_BYTES + i * 8, true);
    const byteLength = view.getUint32(HEADER_BYTES + i * 8 + 4, true);
    if (at + byteLength > head.bytes) invalid(`section ${i} reaches beyond the end of the file`);
    sections.push({ at, byteLength });
  }
  const manifest = parse(start.subarray(head.manifestEnd - head.manifestBytes, head.manifestEnd));
  validateManifest(manifest, sections);
  return { manifest, sections };
}

/**
 * Reads a whole package. Records are checked later, against memory.
 * @throws ZeroskipError `INVALID_PACKAGE`
 */
export function readPackage(file: Uint8Array): Package {
  const head = readHead(file);
  if (head.bytes !== file.byteLength) invalid(`${head.bytes} bytes expected, found ${file.byteLength}`);
  expectChecksum(head, checksum(file));
  expectAbi(file);
  const { manifest, sections } = readManifest(head, file);
  return { manifest, sections: sections.map(({ at, byteLength }) => file.subarray(at, at + byteLength)) };
}

function parse(bytes: Uint8Array): Manifest {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)) as Manifest;
  } catch (cause) {
    return invalid('the manifest is not JSON', cause);
  }
}

/** What the file seems to be instead. */
function hint(file: Uint8Array): string {
  if (file[0] === 0x3c) return '; it looks like an HTML page';
  if (file[0] === 0x1f && file[1] === 0x8b) return '; it looks like a gzip file';
  if (file[0] === 0x08) return '; it looks like an ONNX model, which has to be compiled first';
  return '';
}

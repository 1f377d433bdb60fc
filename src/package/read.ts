import { ZeroskipError } from '../errors.ts';
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
  SECTION_ENTRY,
  type Sums,
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
  checksum: Sums;
}

/** Where a section stands in the file. */
export interface SectionRange {
  at: number;
  byteLength: number;
  checksum: Sums;
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
  const manifestEnd = HEADER_BYTES + sections * SECTION_ENTRY + manifestBytes;
  if (manifestBytes > MAX_MANIFEST_BYTES || manifestEnd > bytes) invalid('the manifest does not fit the file');
  return {
    bytes,
    manifestBytes,
    manifestEnd,
    sections,
    checksum: [u32(HEADER.checksum), u32(HEADER.checksum + 4)],
  };
}

/** Fails unless the sums are those that the file names. */
export function expectChecksum([a, b]: Sums, found: Sums): void {
  if (a !== found[0] || b !== found[1]) invalid('the checksum does not match: the file is damaged');
}

/** Fails unless what stands between sections is zero. */
export function expectPadding(bytes: Uint8Array): void {
  if (bytes.some((byte) => byte !== 0)) invalid('the space between sections is not zero: the file is damaged');
}

/**
 * Checks and reads the front of a package: header, section table and manifest.
 * @param front the file up to the end of the manifest
 */
export function readFront(head: Head, front: Uint8Array): { manifest: Manifest; sections: SectionRange[] } {
  expectChecksum(head.checksum, frontChecksum(front));
  const view = new DataView(front.buffer, front.byteOffset, front.byteLength);
  const abi = view.getUint32(HEADER.abi, true);
  if (abi !== ABI_VERSION) invalid(`kernel interface ${abi}, this runtime has ${ABI_VERSION}; compile the model again`);
  const sections: SectionRange[] = [];
  for (let i = 0; i < head.sections; i++) {
    const u32 = (field: number) => view.getUint32(HEADER_BYTES + i * SECTION_ENTRY + field, true);
    const section = {
      at: u32(SECTION.at),
      byteLength: u32(SECTION.bytes),
      checksum: [u32(SECTION.checksum), u32(SECTION.checksum + 4)] as const,
    };
    if (section.at + section.byteLength > head.bytes) invalid(`section ${i} reaches beyond the end of the file`);
    sections.push(section);
  }
  const manifest = parse(front.subarray(head.manifestEnd - head.manifestBytes));
  validateManifest(manifest, sections);
  return { manifest, sections };
}

/** Sections in the order of the file, empty ones left out; none may overlap another or the front. */
export function inOrder(head: Head, sections: readonly SectionRange[]): (SectionRange & { index: number })[] {
  const order = sections
    .map((section, index) => ({ ...section, index }))
    .filter(({ byteLength }) => byteLength > 0)
    .sort((a, b) => a.at - b.at);
  let end = head.manifestEnd;
  for (const { at, byteLength, index } of order) {
    if (at < end) invalid(`section ${index} overlaps what stands before it`);
    end = at + byteLength;
  }
  return order;
}

/**
 * Reads a whole package. Records are checked later, against memory.
 * @throws ZeroskipError `INVALID_PACKAGE`
 */
export function readPackage(file: Uint8Array): Package {
  const head = readHead(file);
  if (head.bytes !== file.byteLength) invalid(`${head.bytes} bytes expected, found ${file.byteLength}`);
  const { manifest, sections } = readFront(head, file.subarray(0, head.manifestEnd));
  const bytesOf = ({ at, byteLength }: SectionRange) => file.subarray(at, at + byteLength);
  let end = head.manifestEnd;
  for (const section of inOrder(head, sections)) {
    expectPadding(file.subarray(end, section.at));
    expectChecksum(section.checksum, checksum(bytesOf(section)));
    end = section.at + section.byteLength;
  }
  expectPadding(file.subarray(end));
  return { manifest, sections: sections.map(bytesOf) };
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

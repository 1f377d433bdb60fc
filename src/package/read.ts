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

/**
 * Reads a package. Records are checked later, against memory.
 * @throws ZeroskipError `INVALID_PACKAGE`
 */
export function readPackage(file: Uint8Array): Package {
  const invalid = (message: string): never => {
    throw new ZeroskipError('INVALID_PACKAGE', `package: ${message}`);
  };
  if (file.byteLength < HEADER_BYTES)
    invalid(`${file.byteLength} bytes are too few for a header; the file is cut off or no package`);
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const u32 = (at: number) => view.getUint32(at, true);
  if (u32(HEADER.magic) !== MAGIC) invalid(`it does not start with 'ZSK1'${hint(file)}`);
  if (u32(HEADER.version) !== FORMAT_VERSION) {
    invalid(
      `format version ${u32(HEADER.version)}, this runtime reads version ${FORMAT_VERSION}; compile the model again`,
    );
  }
  if (u32(HEADER.bytes) !== file.byteLength) invalid(`${u32(HEADER.bytes)} bytes expected, found ${file.byteLength}`);
  const [a, b] = checksum(file);
  if (u32(HEADER.checksum) !== a || u32(HEADER.checksum + 4) !== b)
    invalid('the checksum does not match: the file is damaged');
  if (u32(HEADER.abi) !== ABI_VERSION) {
    invalid(`kernel interface ${u32(HEADER.abi)}, this runtime has ${ABI_VERSION}; compile the model again`);
  }
  const count = u32(HEADER.sections);
  const manifestAt = HEADER_BYTES + count * 8;
  const manifestBytes = u32(HEADER.manifest);
  if (manifestBytes > MAX_MANIFEST_BYTES || manifestAt + manifestBytes > file.byteLength)
    invalid('the manifest does not fit the file');
  const sections: Uint8Array[] = [];
  for (let i = 0; i < count; i++) {
    const at = u32(HEADER_BYTES + i * 8);
    const bytes = u32(HEADER_BYTES + i * 8 + 4);
    if (at + bytes > file.byteLength) invalid(`section ${i} reaches beyond the end of the file`);
    sections.push(file.subarray(at, at + bytes));
  }
  const manifest = parse(file.subarray(manifestAt, manifestAt + manifestBytes));
  validateManifest(manifest, sections);
  return { manifest, sections };
}

function parse(bytes: Uint8Array): Manifest {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)) as Manifest;
  } catch (cause) {
    throw new ZeroskipError('INVALID_PACKAGE', 'package: the manifest is not JSON', { cause });
  }
}

/** What the file seems to be instead. */
function hint(file: Uint8Array): string {
  if (file[0] === 0x3c) return '; it looks like an HTML page';
  if (file[0] === 0x1f && file[1] === 0x8b) return '; it looks like a gzip file';
  if (file[0] === 0x08) return '; it looks like an ONNX model, which has to be compiled first';
  return '';
}

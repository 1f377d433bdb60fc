import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const root = new URL('../../', import.meta.url);
const folder = fileURLToPath(new URL('bench/.cache/', root));

/** Folders whose code decides what is in the files. */
const GENERATOR = ['bench/nets/', 'src/onnx/'];

let version: string | undefined;

/** A hash of the generator's sources: files that another version has made are not taken. */
function generatorVersion(): string {
  if (version) return version;
  const hash = createHash('sha256');
  for (const part of GENERATOR) {
    const files = readdirSync(new URL(part, root)).filter((name) => name.endsWith('.ts'));
    for (const name of files.sort()) hash.update(`${part}${name}\n`).update(readFileSync(new URL(part + name, root)));
  }
  version = hash.digest('hex');
  return version;
}

/**
 * Path of the file `<id>-<hash>.onnx` in `bench/.cache`. If it is not there, it is written under another name and then renamed, so that
 * nobody sees half of it; files of the same id that another version has made are removed.
 */
export function cachedFile(id: string, make: () => Uint8Array): string {
  const hash = createHash('sha256').update(`${generatorVersion()} ${id}`).digest('hex').slice(0, 12);
  const path = `${folder}${id}-${hash}.onnx`;
  if (existsSync(path)) return path;
  mkdirSync(folder, { recursive: true });
  const stale = readdirSync(folder).filter(
    (name) => name.startsWith(`${id}-`) && /^[0-9a-f]{12}\.onnx$/.test(name.slice(id.length + 1)),
  );
  const unfinished = `${path}.${process.pid}.part`;
  try {
    writeFileSync(unfinished, make());
    renameSync(unfinished, path);
  } finally {
    rmSync(unfinished, { force: true });
  }
  for (const name of stale) rmSync(folder + name, { force: true });
  return path;
}

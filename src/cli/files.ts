import {
  closeSync,
  copyFileSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  openSync,
  realpathSync,
  renameSync,
  rmdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { ensure, ZeroskipError } from '../errors.ts';
import { reasonOf } from '../host/node.ts';

export interface OutputFile {
  path: string;
  bytes: Uint8Array;
}

/** An error about `path`; in a path that shall be written, ENOTDIR is no missing file. */
function failure(path: string, what: string, cause: unknown): ZeroskipError {
  if (cause instanceof ZeroskipError) return cause;
  const notFolder = (cause as NodeJS.ErrnoException).code === 'ENOTDIR';
  const why = notFolder ? 'a part of its path is a file, not a directory' : reasonOf(cause);
  return new ZeroskipError('FILE_ERROR', `${path} cannot be ${what}: ${why}`, { cause });
}

/** What is at `path`, if there is something. */
function statOf(path: string) {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch (cause) {
    throw failure(path, 'written', cause);
  }
}

/** Runs each step, whatever becomes of the others. */
function tryAll(steps: readonly (() => void)[]): void {
  for (const step of steps) {
    try {
      step();
    } catch {
      // What cannot be cleaned up stays; the error that led here is the one to report.
    }
  }
}

/**
 * Where an output file will really be written: links are followed, and only regular files are replaced.
 * @throws ZeroskipError `FILE_ERROR`
 */
export function outputPath(path: string): string {
  const refuse = (why: string): never => {
    throw new ZeroskipError('FILE_ERROR', `${path} cannot be written: ${why}`);
  };
  const stat = statOf(path);
  if (stat?.isDirectory()) refuse('it is a directory');
  if (stat && !stat.isFile()) refuse('it is no regular file');
  if (stat) return realpathSync(path);
  if (path.endsWith('/')) refuse('it is the name of a directory');
  if (!existsSync(dirname(path))) refuse(`the directory ${dirname(path)} does not exist`);
  return resolve(path);
}

/**
 * Writes all files or none: each first under a temporary name beside its place, then all are renamed. Where there are several, copies
 * of those they replace are kept until the last is in place.
 * @throws ZeroskipError `FILE_ERROR`
 */
export function writeFiles(files: readonly OutputFile[]): void {
  const temporary: string[] = [];
  const undo: (() => void)[] = [];
  let current = '';
  const beside = (path: string): string => {
    const name = join(dirname(path), `.zeroskip-${process.pid}-${temporary.length}.tmp`);
    temporary.push(name);
    return name;
  };
  try {
    const moves = files.map(({ path, bytes }) => {
      current = path;
      const to = outputPath(path);
      const from = beside(to);
      writeWhole(from, bytes);
      const backup = files.length > 1 && existsSync(to) ? beside(to) : undefined;
      if (backup !== undefined) copyFileSync(to, backup);
      return { path, from, to, backup };
    });
    for (const { path, from, to, backup } of moves) {
      current = path;
      renameSync(from, to);
      undo.push(() => (backup === undefined ? rmSync(to) : renameSync(backup, to)));
    }
  } catch (cause) {
    tryAll(undo.reverse());
    throw failure(current, 'written', cause);
  } finally {
    tryAll(temporary.map((path) => () => rmSync(path, { force: true })));
  }
}

function writeWhole(path: string, bytes: Uint8Array): void {
  const file = openSync(path, 'wx');
  try {
    writeFileSync(file, bytes);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

/**
 * {@link writeFiles} into a folder, which is made if need be, with those above it (and removed again if nothing could be written); `beside` are
 * files of other places.
 */
export function writeFolder(
  folder: string,
  files: readonly { name: string; bytes: Uint8Array }[],
  beside: readonly OutputFile[] = [],
): void {
  const missing: string[] = [];
  for (let path = resolve(folder); !existsSync(path) && path !== dirname(path); path = dirname(path))
    missing.push(path);
  try {
    mkdirSync(folder, { recursive: true });
    writeFiles([...files.map(({ name, bytes }) => ({ path: join(folder, name), bytes })), ...beside]);
  } catch (cause) {
    tryAll(missing.map((path) => () => rmdirSync(path)));
    throw failure(folder, 'made', cause);
  }
}

/** @throws ZeroskipError `FILE_ERROR` if `folder` is there and is something else */
export function expectFolder(folder: string): void {
  const stat = statOf(folder);
  ensure(!stat || stat.isDirectory(), 'FILE_ERROR', () => `${folder} is a file, the outputs need a directory`);
}

/** A file name for any text: bytes of its UTF-8 form outside `[A-Za-z0-9._-]` and a leading dot are percent-encoded. */
export const fileName = (name: string): string =>
  [...new TextEncoder().encode(name)]
    .map((byte, i) => {
      const character = String.fromCharCode(byte);
      const plain = /[A-Za-z0-9_-]/.test(character) || (character === '.' && i > 0);
      return plain ? character : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`;
    })
    .join('');

/** True if both paths lead to the same file. */
export const sameFile = (a: string, b: string): boolean =>
  existsSync(a) && existsSync(b) && realpathSync(a) === realpathSync(b);

/** The last part of a path without the extensions of models. */
export const stem = (path: string): string => basename(path).replace(/(\.onnx)?(\.gz)?$/i, '');

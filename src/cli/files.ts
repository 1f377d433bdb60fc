import {
  closeSync,
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

/**
 * Where an output file will really be written: links are followed, and only regular files are replaced.
 * @throws ZeroskipError `FILE_ERROR`
 */
export function outputPath(path: string): string {
  const refuse = (why: string): never => {
    throw new ZeroskipError('FILE_ERROR', `${path} cannot be written: ${why}`);
  };
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat?.isDirectory()) refuse('it is a directory');
  if (stat && !stat.isFile()) refuse('it is no regular file');
  if (stat) return realpathSync(path);
  if (path.endsWith('/')) refuse('it is the name of a directory');
  if (!existsSync(dirname(path))) refuse(`the directory ${dirname(path)} does not exist`);
  return resolve(path);
}

/**
 * Writes all files or none: each first under a temporary name beside its place, then all are renamed.
 * @throws ZeroskipError `FILE_ERROR`
 */
export function writeFiles(files: readonly OutputFile[]): void {
  const temporary: string[] = [];
  const created: string[] = [];
  let current = '';
  try {
    const moves = files.map(({ path, bytes }) => {
      current = path;
      const to = outputPath(path);
      const from = join(dirname(to), `.zeroskip-${process.pid}-${temporary.length}.tmp`);
      temporary.push(from);
      writeWhole(from, bytes);
      return { from, to, path };
    });
    for (const { from, to, path } of moves) {
      current = path;
      const isNew = !existsSync(to);
      renameSync(from, to);
      if (isNew) created.push(to);
    }
  } catch (cause) {
    for (const path of [...temporary, ...created]) rmSync(path, { force: true });
    if (cause instanceof ZeroskipError) throw cause;
    throw new ZeroskipError('FILE_ERROR', `${current} cannot be written: ${reasonOf(cause)}`, { cause });
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

/** {@link writeFiles} into a folder, which is made if need be (and removed again if nothing could be written). */
export function writeFolder(folder: string, files: readonly { name: string; bytes: Uint8Array }[]): void {
  let created: string | undefined;
  try {
    created = mkdirSync(folder, { recursive: true });
  } catch (cause) {
    throw new ZeroskipError('FILE_ERROR', `${folder} cannot be made: ${reasonOf(cause)}`, { cause });
  }
  try {
    writeFiles(files.map(({ name, bytes }) => ({ path: join(folder, name), bytes })));
  } catch (error) {
    if (created !== undefined) rmdirSync(folder);
    throw error;
  }
}

/** @throws ZeroskipError `FILE_ERROR` if `folder` is there and is something else */
export function expectFolder(folder: string): void {
  const stat = statSync(folder, { throwIfNoEntry: false });
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

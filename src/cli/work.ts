import { appendFileSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ZeroskipError } from '../errors.ts';
import { reasonOf } from '../host/node.ts';
import type { Work } from '../prune/resume.ts';

/** First line of a file of measurements. */
const HEADER = 'zeroskip measurements 1';

/**
 * Measurements in files of a folder, one for each fingerprint: a header, then a line `["key", [numbers]]` for each measurement, written as soon
 * as it is known. Lines that cannot be read, such as the last one of a run that was killed, and files of another kind are left alone;
 * `note` hears of them.
 */
export function folderWork(folder: string, note: (text: string) => void): Work {
  return {
    open(fingerprint) {
      let path = join(folder, `${fingerprint}.jsonl`);
      const head = `${HEADER} ${fingerprint}`;
      const text = read(path);
      let known = new Map<string, number[]>();
      if (text?.startsWith(`${head}\n`)) {
        const { values, damaged } = parse(text);
        known = values;
        if (damaged > 0) note(`${path}: ${damaged} damaged line${damaged === 1 ? '' : 's'} ignored`);
        if (!text.endsWith('\n')) append(path, '\n');
      } else {
        if (text !== undefined && text !== '') {
          note(`${path} holds no measurements of this network and is ignored`);
          path = join(folder, `${fingerprint}-${process.pid}.jsonl`);
        }
        mkdir(folder);
        append(path, `${head}\n`);
      }
      return {
        get: (key) => known.get(key),
        set(key, values) {
          known.set(key, [...values]);
          append(path, `${JSON.stringify([key, values])}\n`);
        },
      };
    },
  };
}

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw failure(path, 'read', cause);
  }
}

function parse(text: string): { values: Map<string, number[]>; damaged: number } {
  const values = new Map<string, number[]>();
  let damaged = 0;
  for (const line of text.split('\n').slice(1)) {
    if (line === '') continue;
    const entry = measurement(line);
    if (entry) values.set(...entry);
    else damaged++;
  }
  return { values, damaged };
}

function measurement(line: string): [string, number[]] | undefined {
  try {
    const [key, values] = JSON.parse(line) as [unknown, unknown];
    const fine = typeof key === 'string' && Array.isArray(values) && values.every((x) => typeof x === 'number');
    return fine ? [key as string, values as number[]] : undefined;
  } catch {
    return undefined;
  }
}

function mkdir(folder: string): void {
  try {
    mkdirSync(folder, { recursive: true });
  } catch (cause) {
    throw failure(folder, 'made', cause);
  }
}

function append(path: string, text: string): void {
  try {
    appendFileSync(path, text);
  } catch (cause) {
    throw failure(path, 'written', cause);
  }
}

const failure = (path: string, what: string, cause: unknown): ZeroskipError =>
  new ZeroskipError('FILE_ERROR', `${path} cannot be ${what}: ${reasonOf(cause)}`, { cause });

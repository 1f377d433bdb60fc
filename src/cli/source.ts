import { parseModel } from '../compile.ts';
import { ZeroskipError } from '../errors.ts';
import type { Graph } from '../graph/ir.ts';
import { readBytes } from '../host/node.ts';
import { isPackage } from '../package/format.ts';

/** A file that a command was given: a package, or a model. `bytes` are those behind unpacking. */
export type Source = { path: string; bytes: Uint8Array } & ({ kind: 'package' } | { kind: 'model'; graph: Graph });

/** Opens a MODEL or PACKAGE, told apart by its first bytes. */
export async function openSource(path: string): Promise<Source> {
  const bytes = await readBytes(path);
  return isPackage(bytes)
    ? { kind: 'package', path, bytes }
    : { kind: 'model', path, bytes, graph: parseModel(bytes, path) };
}

/** Runs `step`, whose errors about a package get its path in front. */
export async function inFile<T>(path: string, step: () => T | Promise<T>): Promise<T> {
  try {
    return await step();
  } catch (cause) {
    if (!(cause instanceof ZeroskipError) || cause.code !== 'INVALID_PACKAGE') throw cause;
    throw new ZeroskipError(cause.code, `${path}: ${cause.message.replace(/^package: /, '')}`, { cause });
  }
}

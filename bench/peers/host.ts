import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { compileFunction } from 'node:vm';

const modules = new URL('../../node_modules/', import.meta.url);

/** Path of an installed package, with a slash at its end. */
export const packageFolder = (name: string): string => fileURLToPath(new URL(`${name}/`, modules));

export const packageVersion = (name: string): string =>
  JSON.parse(readFileSync(new URL(`${name}/package.json`, modules), 'utf8')).version;

/**
 * Calls `load` with the globals of a web worker, which Emscripten's browser builds look for, and takes them away again. `importScripts`
 * takes one script that defines `ModuleFactory` and runs it as a CommonJS module. What the build prints later goes to `onLine`.
 */
export async function asWorker<T>(
  load: () => Promise<T>,
  onLine: (line: string) => void = () => undefined,
): Promise<T> {
  const scope = globalThis as Record<string, unknown>;
  const worker: Record<string, unknown> = {
    self: globalThis,
    Module: { print: onLine, printErr: onLine },
    ModuleFactory: undefined,
    importScripts(path: string) {
      const factory = compileFunction(
        `${readFileSync(path, 'utf8')}\nreturn ModuleFactory;`,
        ['require', '__filename', '__dirname'],
        { filename: path },
      );
      scope.ModuleFactory = factory(createRequire(path), path, dirname(path));
    },
  };
  const before = Object.keys(worker).map((name) => [name, Object.getOwnPropertyDescriptor(scope, name)] as const);
  Object.assign(scope, worker);
  try {
    return await load();
  } finally {
    for (const [name, descriptor] of before) {
      if (descriptor) Object.defineProperty(scope, name, descriptor);
      else delete scope[name];
    }
  }
}

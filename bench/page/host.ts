/** In a page, what `bench/peers/host.ts` is in Node: packages come from the page's server. */
export const packageFolder = (name: string): string => `/packages/${name}/`;

/** Versions are recorded by the process that drives the browser. */
export const packageVersion = (_name: string): string => '';

/** Nothing has to be pretended to Emscripten's builds, only what they print goes to `onLine`. */
export async function asWorker<T>(
  load: () => Promise<T>,
  onLine: (line: string) => void = () => undefined,
): Promise<T> {
  const scope = globalThis as Record<string, unknown>;
  scope.Module = { print: onLine, printErr: onLine };
  try {
    return await load();
  } finally {
    delete scope.Module;
  }
}

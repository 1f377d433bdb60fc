/** In a page, what `bench/lib/machine.ts` is in Node: the version is recorded by the process that drives the browser. */
export const version = '';

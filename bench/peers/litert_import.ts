type LiteRt = typeof import('@litertjs/core');

const isNode = typeof process !== 'undefined' && process.versions?.node !== undefined;

/**
 * LiteRT.js is one Wasm instance of at most 2 GiB per copy of its module, too little for two big networks. Node imports a module anew for
 * every query; in a page all runtimes share one copy. This is the copy that stands for `copy`.
 */
export const copyFor = (copy: string): string => (isNode ? copy : 'the only one');

export const importLiteRt = (copy: string): Promise<LiteRt> =>
  isNode
    ? import(`${new URL('../../node_modules/@litertjs/core/dist/index.js', import.meta.url)}?${copy}`)
    : import('@litertjs/core');

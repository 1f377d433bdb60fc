/**
 * Loads, runs and disposes a package again and again and watches the memory of this process:
 * `node --expose-gc bench/cycles/child.mjs '{"package":"model.zsk","way":"dispose","cycles":1000,"every":25,"collect":true}'`.
 * Prints samples as JSON. `bench/cycles/results.ts` says what the fields mean.
 */
import { readFileSync } from 'node:fs';
import { load, Tensor, ZeroskipError } from 'zeroskip';

const { package: file, way, cycles, every, collect } = JSON.parse(process.argv[2]);
const bytes = new Uint8Array(readFileSync(file));
const collectGarbage = globalThis.gc ?? (() => globalThis.Bun?.gc(true));

const damaged = bytes.slice();
damaged[damaged.length - 1] ^= 1;

const kept = [];
let feeds;
let memoryBytes = 0;

const WAYS = {
  async dispose() {
    const model = await load(bytes);
    await model.run(feedsOf(model));
    model.dispose();
  },
  async drop() {
    const model = await load(bytes);
    await model.run(feedsOf(model));
  },
  async fail() {
    try {
      await load(damaged);
    } catch (error) {
      if (error instanceof ZeroskipError && error.code === 'INVALID_PACKAGE') return;
      throw error;
    }
    throw new Error('the damaged package was loaded');
  },
  async keep() {
    const model = await load(bytes);
    await model.run(feedsOf(model));
    kept.push(model);
  },
};

function feedsOf(model) {
  memoryBytes = model.memoryBytes;
  feeds ??= Object.fromEntries(
    model.inputs.map(({ name, type, dims }) => {
      const size = dims.reduce((product, d) => product * d, 1);
      return [name, new Tensor(type, Array(size).fill(1), dims)];
    }),
  );
  return feeds;
}

/** Resident memory without the pages of files, which the system drops and reads again as it likes; all of it where it cannot be told. */
function anonymousOf(rss) {
  try {
    return Number(/^RssAnon:\s+(\d+) kB/m.exec(readFileSync('/proc/self/status', 'utf8'))[1]) * 1024;
  } catch {
    return rss;
  }
}

// Compiles the kernels: loads that fail while they compile would be kept until they are there.
await WAYS.drop();

const samples = [];
for (let cycle = 1; cycle <= cycles; cycle++) {
  await WAYS[way]();
  if (cycle % every !== 0) continue;
  if (collect) {
    // A memory is given back when its object is finalised, a turn after it was found to be garbage.
    for (let i = 0; i < 2; i++) {
      collectGarbage();
      await new Promise((resolve) => setTimeout(resolve, 0));
    }
  }
  const { rss, heapUsed, arrayBuffers } = process.memoryUsage();
  samples.push({ cycle, rss, anonymous: anonymousOf(rss), heapUsed, arrayBuffers });
}
console.log(JSON.stringify({ samples, memoryBytes, kept: kept.length }));

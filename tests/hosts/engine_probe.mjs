/**
 * Loads `model.zsk` in an engine that lacks something and prints what comes of it:
 * `node engine_probe.mjs simd` finds an engine without SIMD or makes it one, `node engine_probe.mjs threads` takes shared memory away.
 */
import { readFileSync } from 'node:fs';

const [lacking] = process.argv.slice(2);

/** `(func (result v128) i32.const 0 i8x16.splat)` */
const SIMD = Uint8Array.from([
  0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 8, 1, 6, 0, 65, 0, 253, 15, 11,
]);
const real = !WebAssembly.validate(SIMD);
if (lacking === 'simd' && !real) WebAssembly.validate = () => false;
if (lacking === 'threads') {
  delete globalThis.SharedArrayBuffer;
  delete globalThis.Atomics;
  delete globalThis.Worker;
  WebAssembly.Memory = class extends WebAssembly.Memory {
    constructor(descriptor) {
      if (descriptor.shared) throw new TypeError('no shared memory');
      super(descriptor);
    }
  };
}

const { load, Tensor, ZeroskipError } = await import('zeroskip');

async function outcome(source) {
  try {
    const model = await load(source);
    const { logits } = await model.run({ input: new Tensor('float32', new Float32Array(784), [1, 1, 28, 28]) });
    return { logits: Array.from(logits.data) };
  } catch (error) {
    return { zeroskip: error instanceof ZeroskipError, code: error.code, message: error.message };
  }
}

const bytes = readFileSync('model.zsk');
const results = [];
for (const source of [bytes, 'model.zsk', new Response(bytes)]) results.push(await outcome(source));
console.log(JSON.stringify({ real, results }));

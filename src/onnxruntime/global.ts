/**
 * `zeroskip/onnxruntime/global`: makes zeroskip the runtime of libraries that look for one under `Symbol.for('onnxruntime')`, as Transformers.js
 * does. To be imported before them.
 */
import * as ort from './index.ts';

Object.assign(globalThis, { [Symbol.for('onnxruntime')]: ort });

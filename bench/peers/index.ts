import { litert } from './litert.ts';
import { litertSparse } from './litert_sparse.ts';
import { ortNode } from './ort_node.ts';
import { ortWeb } from './ort_web.ts';
import type { Runtime } from './runtime.ts';
import { tfjsWasm } from './tfjs_wasm.ts';
import { zeroskip } from './zeroskip.ts';
import { zeroskipDense } from './zeroskip_dense.ts';

export type { Runtime, RuntimeName, Session } from './runtime.ts';

/** The runtimes of the benchmark, ours first. A runtime's package is imported when it opens its first network. */
export const RUNTIMES: readonly Runtime[] = [zeroskip, zeroskipDense, ortWeb, ortNode, tfjsWasm, litert, litertSparse];

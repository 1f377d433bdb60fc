import { SLACK } from '../../assembly/abi.ts';
import { compileGraph } from '../../src/compile.ts';
import { GraphBuilder } from '../../src/graph/builder.ts';
import type { Graph } from '../../src/graph/ir.ts';
import { OPS } from '../../src/ops/index.ts';
import type { Candidate, ZeroStats } from '../../src/ops/lower.ts';
import { readPackage } from '../../src/package/read.ts';
import { mapMemory } from '../../src/runtime/memory.ts';
import { caseGraph } from './case_graph.ts';
import { repack } from './forge.ts';
import { randomTensor } from './graphs.ts';
import { Machine } from './machine.ts';
import { branchesAndExits } from './nets.ts';
import { zerosOfFeeds } from './zero_tiles.ts';

/** A small package whose two engine classes run the same program. */
export interface Base {
  name: string;
  /** Distinct op codes of its records, sorted. */
  opCodes: string;
  bytes: Uint8Array;
}

/** Cases that reach every kernel family in every layout, by op. */
const CASES: Record<string, string[]> = {
  Abs: ['[9,17]', '[2,3,5,7]'],
  Add: ['[2,3,5,7] and [1,3,1,1]', '[5,1] and [1,17]'],
  ArgMax: ['[2,3,4,5] along 1'],
  AveragePool: ['[2,3,8,8] kernel_shape 2,2 strides 2,2'],
  Cast: ['float32 to int64 at run time', 'int64 to bool at run time'],
  BlockEdge: ['block 8'],
  BlockGather: ['2x5x7x6 3x5 halo 0, block 5'],
  BlockMask: ['max 2x1x9x7 9x7 4x3', 'average 1x1x4x3 8x9 3x4'],
  BlockScatter: ['2x2x7x6 3x5, block 7'],
  BlockSelect: ['input 2x2x7x6 3x5, 6 active', 'zero 1x3x8x9 4x4, 1 active'],
  Concat: ['channels'],
  Conv: ['1x1 5 5 d0.5', '3x3 6 d0.5', 'batch whole image d0.5', 'dw3 s1 9', 'dw3 s2 9', 'wide', 'rows of tiles'],
  FusedConv: ['1x1 s1 1x5x7 d0.1', '1x1 s1 1x300x5 d0.1', 'zero tiles 1x1 s1 2x6x9 d0.5'],
  Gather: ['fed int64', 'embedding'],
  Gemm: ['5x13x8 d0.5', '1x20x33 d0.6', '3x100x16 of d0.1'],
  GlobalAveragePool: ['[2,3,5,7]'],
  Greater: ['float32 [2,3,4,5] and [3,1,1]', 'int64 [3,1] and [1,5]'],
  If: ['1 [2,3,4,5]', '0 of int64'],
  LayerNormalization: ['[2,17,9] from 2 on', 'operands that are fed'],
  MatMul: ['batched 5x9x17', 'zeros 17 d0.3'],
  Max: ['[5,1] and [1,17]'],
  MaxPool: ['[1,3,17,19] kernel_shape 3,3 strides 2,2 pads 1,1,1,1', '[1,3,7,7] kernel_shape 7,7'],
  Pad: ['spatial'],
  PRelu: ['[2,3,5,7] by slope [1,3,1,1]', '[4,9] by slope [4,1]'],
  ReduceMean: ['[2,3,5,7] over [2,3]', '[2,3,5,7] over [0,2]'],
  ReduceMax: ['[2,3,5,7] over [2,3]', '[2,3,5,7] over [0,2]'],
  Softmax: ['[2,3,5,7] along 1', '[17,10] along 1'],
  Where: ['float32 [2,3,4,5] ? [3,1,1] : [2,1,4,1]', 'int64 [3,5] ? [5] : constant [3,1]'],
  Transpose: ['[2,3,4,5] by [0,2,3,1]', '[9,17] by [1,0]'],
};

/** Every op code, in every record family's typical surroundings. */
export async function basePackages(): Promise<Base[]> {
  const machine = await Machine.open('simd', 8);
  const bases: Base[] = [];
  const seen = new Set<string>();
  for (const [name, wanted] of Object.entries(CASES)) {
    const op = OPS.get(name)!;
    for (const opCase of op.cases.filter(({ name: own }) => wanted.includes(own))) {
      const { graph, feeds } = caseGraph(op, opCase);
      for (const bytes of everyCandidate(graph, zerosOfFeeds(feeds))) {
        for (const engine of ['narrow', 'wide'] as const) {
          const codes = machine.load(bytes, engine).opCodes();
          const set = [...new Set(codes)].sort((a, b) => a - b).join();
          // Linear layers repeat themselves; the length tells sliced weights from whole ones.
          const linear = name === 'Conv' || name === 'Gemm' || opCase.name.startsWith('zero tiles');
          const key = linear ? set : `${name} ${opCase.name} ${set} ${bytes.length}`;
          if (seen.has(key)) continue;
          seen.add(key);
          const label = `${name} '${opCase.name}' with op codes ${set}`;
          bases.push({ name: label, opCodes: set, bytes: toPageEnd(bytes, engine) });
        }
      }
    }
  }
  const whole = (name: string, { bytes }: { bytes: Uint8Array }): void => {
    const opCodes = [...new Set(machine.load(bytes, 'narrow').opCodes())].sort((a, b) => a - b).join();
    bases.push({ name: `${name} with op codes ${opCodes}`, opCodes, bytes: toPageEnd(bytes, 'narrow') });
  };
  const masks = [{ nodes: ['a', 'b'], mask: { input: 'm' }, block: 4, limit: 1 }];
  whole('branches and exits', compileGraph(branchesAndExits(), { exits: [{ output: 'early', threshold: 0.5 }] }));
  whole('masked region', compileGraph(masked(), { masks }));
  return bases;
}

/** Two convolutions that a mask restricts to blocks: skips, and a loop whose kernels ask for the round. */
function masked(): Graph {
  const g = new GraphBuilder('masked');
  const padded = { kernel_shape: [3, 3], pads: [1, 1, 1, 1] };
  const a = g.conv(g.input('x', 'float32', [1, 3, 9, 9]), randomTensor([2, 3, 3, 3], 1), undefined, {
    ...padded,
    name: 'a',
  });
  g.output(g.conv(a, randomTensor([3, 2, 3, 3], 2), undefined, { ...padded, name: 'b' }), 'y');
  return g.build();
}

function* everyCandidate(graph: Graph, zeros: ReadonlyMap<string, ZeroStats>): Generator<Uint8Array> {
  let most = 0;
  for (let i = 0; i === 0 || i < most; i++) {
    const choose = (_: unknown, candidates: readonly Candidate[]) => {
      most = Math.max(most, candidates.length);
      return candidates[i];
    };
    yield compileGraph(graph, {}, { zeros, choose }).bytes;
  }
}

/** One program for both classes, and an arena so large that memory ends with its slacks: whatever is read beyond them traps. */
function toPageEnd(bytes: Uint8Array, engine: 'narrow' | 'wide'): Uint8Array {
  const map = mapMemory(readPackage(bytes), engine);
  return repack(bytes, ({ plans: [plan] }) => {
    plan.narrow = plan[engine];
    plan.wide = plan[engine];
    plan.arenaBytes = map.bytes - 2 * SLACK - map.arena;
  });
}

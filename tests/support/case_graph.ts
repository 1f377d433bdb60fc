import { GraphBuilder } from '../../src/graph/builder.ts';
import { Call } from '../../src/graph/call.ts';
import type { Graph } from '../../src/graph/ir.ts';
import type { CaseInput, Op, OpCase } from '../../src/ops/op.ts';
import { arrayOf, sizeOf, Tensor } from '../../src/tensor.ts';
import { clearTiles } from './zero_tiles.ts';

/** Mulberry32: numbers in [0, 1), the same for the same seed. */
export function mulberry32(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

export const seedOf = (text: string): number => [...text].reduce((h, c) => (Math.imul(h, 31) + c.charCodeAt(0)) | 0, 7);

/** Elements of a case's operand: as given, or random of both signs with the wanted share of zeros. */
function caseTensor(input: CaseInput, random: () => number): Tensor {
  const { type = 'float32', dims, values, density = 1 } = input;
  if (values) {
    const data = new (arrayOf(type))(values.length);
    const big = typeof data[0] === 'bigint';
    values.forEach((v, i) => {
      data[i] = big ? BigInt(v) : v;
    });
    return new Tensor(type, data, dims);
  }
  const data = new (arrayOf(type))(sizeOf(dims));
  const big = type === 'int64' || type === 'uint64';
  const float = type === 'float32' || type === 'float64';
  for (let i = 0; i < data.length; i++) {
    const zero = random() >= density;
    const x = random() * 4 - 2;
    if (zero) continue;
    if (float) data[i] = x;
    else if (type === 'bool') data[i] = x > 0 ? 1 : 0;
    else data[i] = big ? BigInt(Math.round(x * 20)) : Math.round(x * 20);
  }
  const tensor = new Tensor(type, data, dims);
  if (input.zeroTiles) clearTiles(tensor, input.zeroTiles, random);
  return tensor;
}

interface CaseGraph {
  graph: Graph;
  feeds: Record<string, Tensor>;
}

/** One node with its operands: constants as constants, the others as graph inputs with their elements in `feeds`. */
export function caseGraph(op: Op, opCase: OpCase, outputs?: number): CaseGraph {
  const random = mulberry32(seedOf(`${op.name} ${opCase.name}`));
  const g = new GraphBuilder(`${op.name} ${opCase.name}`);
  const feeds: Record<string, Tensor> = Object.create(null);
  const tensors = opCase.inputs.map((input) => (input ? caseTensor(input, random) : undefined));
  const names = tensors.map((tensor, i) => {
    if (!tensor) return '';
    if (opCase.inputs[i]?.constant) return g.constant(tensor, `constant ${i}`);
    feeds[`input ${i}`] = tensor;
    return g.input(`input ${i}`, tensor.type, tensor.dims);
  });
  const results = Array.from({ length: outputs ?? 1 }, (_, i) => `output ${i}`);
  g.node(op.name, names, opCase.attrs, results, op.name);
  for (const name of results) g.output(name);
  const graph = g.build();
  const node = graph.nodes[0];
  if (opCase.clamp) node.clamp = opCase.clamp;
  const known = tensors.map(
    (t, i) => t && { type: t.type, dims: t.dims, constant: opCase.inputs[i]?.constant ? t : undefined },
  );
  op.infer(new Call(node, known)).forEach(({ type }, i) => {
    const value = graph.values.get(results[i]);
    if (value) value.type = type;
  });
  return { graph, feeds };
}

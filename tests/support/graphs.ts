import * as assert from 'uvu/assert';
import type { ErrorCode } from '../../src/errors.ts';
import { cloneGraph, Editor, type GraphIndex } from '../../src/graph/edit.ts';
import { evaluate } from '../../src/graph/evaluate.ts';
import type { Graph, Node } from '../../src/graph/ir.ts';
import { OPS } from '../../src/ops/index.ts';
import { bind } from '../../src/passes/bind.ts';
import { fold } from '../../src/passes/fold.ts';
import { type Pass, type PassOptions, type PassReport, runPasses } from '../../src/passes/index.ts';
import { numbersOf, sizeOf, Tensor } from '../../src/tensor.ts';
import { raises } from './raises.ts';

/** Numbers in [-1, 1), the same for the same seed. */
export function random(seed: number): () => number {
  let state = seed * 2654435761 + 1;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 31 - 1;
  };
}

export function randomTensor(dims: readonly number[], seed = 1): Tensor {
  const next = random(seed);
  return new Tensor('float32', Float32Array.from({ length: sizeOf(dims) }, next), dims);
}

export const numbers = (n: number, seed = 1): number[] => numbersOf(randomTensor([n], seed));

export const opsOf = (graph: Graph): string[] => graph.nodes.map((node) => node.op);

export function nodeOf(graph: Graph, op: string): Node {
  const found = graph.nodes.filter((node) => node.op === op);
  assert.is(found.length, 1, `one ${op} in ${opsOf(graph).join(', ')}`);
  return found[0];
}

export const indexOf = (graph: Graph): GraphIndex => new Editor(graph);

/** Random feeds for the inputs of a bound graph. */
export function feedsOf(graph: Graph, seed = 7): Record<string, Tensor> {
  const dimsOf = (name: string) => graph.values.get(name)!.dims as readonly number[];
  return Object.fromEntries(graph.inputs.map((name, i) => [name, randomTensor(dimsOf(name), seed + i)]));
}

export function expectClose(actual: Record<string, Tensor>, expected: Record<string, Tensor>, tolerance = 1e-5): void {
  assert.equal(Object.keys(actual), Object.keys(expected));
  for (const name of Object.keys(expected)) {
    assert.equal(actual[name].dims, expected[name].dims);
    const b = numbersOf(expected[name]);
    const largest = Math.max(1e-6, ...b.map((x) => (Number.isFinite(x) ? Math.abs(x) : 0)));
    numbersOf(actual[name]).forEach((x, i) => {
      const same = Object.is(x, b[i]) || Math.abs(x - b[i]) <= tolerance * largest;
      assert.ok(same, `${name}[${i}]: expected ${b[i]}, found ${x}`);
    });
  }
}

/**
 * Binds and infers `graph`, runs `passes` on it, and checks that it still computes the same. Returns the graph and the notes.
 */
export function transform(
  graph: Graph,
  passes: readonly Pass[],
  options: Partial<PassOptions> = {},
): { graph: Graph; notes: string[]; reports: PassReport[] } {
  const before = cloneGraph(graph);
  runPasses(before, { ops: OPS, ...options, passes: [bind, fold] });
  const after = cloneGraph(graph);
  const reports = runPasses(after, { ops: OPS, ...options, passes: [bind, fold, ...passes] });
  assert.equal(after.inputs, before.inputs);
  assert.equal(after.outputs, before.outputs);
  const feeds = feedsOf(before);
  expectClose(evaluate(after, OPS, feeds), evaluate(before, OPS, feeds));
  return { graph: after, notes: reports.slice(2).flatMap(({ notes }) => notes), reports };
}

export const expectError = (code: ErrorCode, pattern: RegExp, run: () => unknown): void => raises(run, code, pattern);

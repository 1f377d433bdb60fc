import { exportOnnx } from '../../src/compile.ts';
import { ensure } from '../../src/errors.ts';
import { cloneGraph } from '../../src/graph/edit.ts';
import type { Graph } from '../../src/graph/ir.ts';
import { alternate } from '../lib/alternate.ts';
import { ortNode } from '../peers/ort_node.ts';
import { ortWeb } from '../peers/ort_web.ts';
import type { Session } from '../peers/runtime.ts';
import { zeroskip } from '../peers/zeroskip.ts';
import { pruned } from './measure.ts';
import type { Contestant, WakewordNetwork } from './results.ts';
import type { Subject } from './subject.ts';

const RUNTIMES = [zeroskip, ortWeb, ortNode];
const TOLERANCE = 1e-4;

/** Times the dense network and a pruned one in our runtime and in ONNX Runtime, in turn in this process, after their outputs agree. */
export async function measureLatency(
  subject: Subject,
  sparsity: number,
  budgetMs: number,
  onProgress: (share: number) => void,
): Promise<Pick<WakewordNetwork, 'latency' | 'bytes'>> {
  const graphs = {
    dense: subject.graph,
    pruned: subject.with(pruned(subject, 'sparsegpt', 'uniform', sparsity / 100)),
  };
  const sessions = {} as Record<Contestant, Session>;
  for (const [form, graph] of Object.entries(graphs) as ['dense' | 'pruned', Graph][]) {
    for (const runtime of RUNTIMES) {
      const session = await runtime.open(netOf(graph, subject));
      await session.run();
      const expected = sessions[`zeroskip ${form}`]?.output();
      const error = expected ? difference(session.output(), expected) : 0;
      ensure(error < TOLERANCE, 'INTERNAL', () => `${runtime.name}, ${form}: its output differs from ours by ${error}`);
      sessions[`${runtime.name} ${form}` as Contestant] = session;
    }
  }
  const run = Object.fromEntries(
    Object.entries(sessions).map(([name, session]) => [name, () => session.run()]),
  ) as Record<Contestant, () => unknown>;
  const times = await alternate(run, { budgetMs, leastRounds: 3, turnMs: 10, onProgress });
  const bytes = {
    onnx: subject.onnxBytes,
    dense: sessions['zeroskip dense'].bytes,
    pruned: sessions['zeroskip pruned'].bytes,
  };
  for (const session of Object.values(sessions)) session.dispose();
  return { latency: { sparsity, times }, bytes };
}

/** `max |a - b| / max(1, max |b|)`: scores near 0 are as exact as the Sigmoid of a runtime, which is 1e-7. */
const difference = (a: Float32Array, b: Float32Array): number =>
  a.reduce((most, x, i) => Math.max(most, Math.abs(x - b[i])), 0) /
  b.reduce((most, x) => Math.max(most, Math.abs(x)), 1);

const netOf = (graph: Graph, { sample }: Subject) => ({
  input: { name: graph.inputs[0], dims: [...sample.dims] },
  output: { name: graph.outputs[0] },
  graph: () => cloneGraph(graph),
  onnx: () => exportOnnx(graph),
  data: () => (sample.data as Float32Array).slice(),
});

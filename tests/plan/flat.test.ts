import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { compileGraph } from '../../src/compile.ts';
import { GraphBuilder } from '../../src/graph/builder.ts';
import type { Node } from '../../src/graph/ir.ts';
import { anyPlanes, type Candidate } from '../../src/ops/lower.ts';
import { meetingCost, outputPitch } from '../../src/plan/flat.ts';
import { randomTensor } from '../support/graphs.ts';

const dims = [1, 10, 8, 8];
const halo = { ...anyPlanes(true), left: 1, right: 1 };
const meeting = { dims, pitch: 8, demands: [anyPlanes(true)], makerNs: 1600, readerNs: 1600 };

test('a halo costs its clearing, and a flat maker the gaps', () => {
  const cleared = meetingCost({ ...meeting, makerNs: 0 }, halo);
  assert.ok(cleared > 0);
  assert.is(meetingCost(meeting, halo), cleared + 200, '18 vectors in place of 16');
  assert.is(meetingCost({ ...meeting, demands: [halo] }, halo), 0, 'the halo is there already');
});

test('a flat reader computes the gaps of wider planes, another does not', () => {
  assert.is(meetingCost({ ...meeting, pitch: 10 }, anyPlanes(true)), 400, '20 vectors');
  assert.is(meetingCost({ ...meeting, pitch: 10 }, anyPlanes(false)), 0);
  assert.is(meetingCost({ ...meeting, pitch: 10 }, { kind: 'dense' }), 0);
  const strided = { ...anyPlanes(true), stepY: 2, stepX: 2 };
  assert.is(meetingCost({ ...meeting, pitch: 10 }, strided), 0, 'it gets a copy');
});

test('flat operands decide the pitch of the output', () => {
  const candidate = (flat: boolean) => ({ inputs: [{ ...halo, flat }], output: 'planes' }) as unknown as Candidate;
  assert.is(outputPitch(candidate(true), [dims], 8), 9);
  assert.is(outputPitch(candidate(false), [dims], 8), 8);
});

/** Kernel of a depthwise layer between two others that take `ns` each; as a sparse matrix it is a little faster by itself. */
function depthwiseBetween(ns: number): string | undefined {
  const b = new GraphBuilder('separable');
  const pointwise = (x: string, name: string) =>
    b.conv(x, { dims: [8, 8, 1, 1], data: randomTensor([8, 8], 1).data as Float32Array }, undefined, { name });
  const h = b.conv(
    pointwise(b.relu(b.input('x', 'float32', [1, 8, 8, 8])), 'first'),
    { dims: [8, 1, 3, 3], data: randomTensor([8, 9], 2).data as Float32Array },
    undefined,
    { name: 'depthwise', group: 8, kernel_shape: [3, 3], pads: [1, 1, 1, 1] },
  );
  b.output(pointwise(h, 'last'), 'y');
  const measure = (node: Node, { kernel }: Candidate) => {
    if (node.name !== 'depthwise') return ns;
    return { f32_spmm__csr: 1000, f32_conv_dw__3x3: 1300 }[kernel] ?? 5000;
  };
  const { steps } = compileGraph(b.build(), {}, { measure }).planSet.plans[0].schedule;
  return steps.find(({ name }) => name === 'depthwise')?.kernel;
}

test('a layer that would widen its neighbours is not run flat if they are slow', () => {
  assert.is(depthwiseBetween(100), 'f32_spmm__csr');
  assert.is(depthwiseBetween(10_000), 'f32_conv_dw__3x3');
});

test.run();

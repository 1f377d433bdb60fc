import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { compileGraph, importOnnx } from '../../src/compile.ts';
import { GraphBuilder } from '../../src/graph/builder.ts';
import { anyPlanes } from '../../src/ops/lower.ts';
import { isElided, slotBytes } from '../../src/plan/buffers.ts';
import { planesLayout } from '../../src/plan/geometry.ts';
import type { Plan } from '../../src/plan/plan.ts';
import { fixtures } from '../support/fixtures.ts';
import { raises } from '../support/raises.ts';

const random = (size: number, density = 1): Float32Array => {
  let seed = 7;
  const next = () => {
    seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
    return seed / 2 ** 32;
  };
  return Float32Array.from({ length: size }, () => (next() < density ? next() - 0.5 : 0));
};

/** Steps between which a slot's content matters: written at `first`, last read at `last`. */
function lifetimes({ schedule }: Plan): Map<number, { first: number; last: number }> {
  const found = new Map<number, { first: number; last: number }>();
  const touch = (slot: number, step: number) => {
    const life = found.get(slot) ?? { first: step, last: step };
    found.set(slot, { first: Math.min(life.first, step), last: Math.max(life.last, step) });
  };
  for (const ref of schedule.inputs.values()) touch(ref.slot.id, -1);
  schedule.steps.forEach((step, i) => {
    for (const ref of [...step.inputs, ...step.outputs]) if (ref && !ref.slot.constant) touch(ref.slot.id, i);
  });
  for (const ref of schedule.outputs.values()) touch(ref.slot.id, schedule.steps.length);
  return found;
}

/** Slots that may share memory on purpose: views of the same elements, and in-place operands that die in the step. */
function related({ schedule }: Plan): Set<string> {
  const pairs = new Set<string>();
  for (const step of schedule.steps) {
    const output = step.outputs[0].slot.id;
    const inputs = isElided(step) ? [0] : (step.candidate?.inplace ?? []);
    for (const i of inputs) if (step.inputs[i]) pairs.add(`${step.inputs[i].slot.id},${output}`);
  }
  return pairs;
}

for (const fixture of fixtures) {
  test(`${fixture.name}: no two live values overlap in the arena`, () => {
    const shapes = [1, 5, 32].map((batch) => ({ input: [batch, 1, 28, 28] }));
    const { planSet } = compileGraph(importOnnx(fixture.onnx(true)), { shapes });
    for (const plan of planSet.plans) {
      const lives = [...lifetimes(plan)];
      const allowed = related(plan);
      const { slots } = plan.schedule;
      for (const [a, lifeA] of lives) {
        const startA = plan.arena.slotOffsets.get(a)!;
        const endA = startA + slotBytes(slots[a]);
        assert.ok(endA <= plan.arena.peak, `${slots[a].name} lies in the arena`);
        for (const [b, lifeB] of lives) {
          if (b <= a || lifeA.first > lifeB.last || lifeB.first > lifeA.last) continue;
          const startB = plan.arena.slotOffsets.get(b)!;
          if (endA <= startB || startB + slotBytes(slots[b]) <= startA) continue;
          assert.ok(allowed.has(`${a},${b}`), `${slots[a].name} (${a}) and ${slots[b].name} (${b}) overlap`);
        }
      }
      assert.ok(plan.arena.peak <= plan.arena.total);
    }
  });
}

test('the halo of a value is what its readers want, in one pitch for a chain of flat kernels', () => {
  const b = new GraphBuilder('chain');
  const x = b.input('x', 'float32', [1, 4, 8, 8]);
  const first = b.conv(x, { dims: [8, 4, 1, 1], data: random(32) });
  const second = b.conv(first, { dims: [8, 8, 3, 3], data: random(576, 0.2) }, undefined, { pads: [1, 1, 1, 1] });
  b.output(b.conv(second, { dims: [4, 8, 1, 1], data: random(32, 0.2) }), 'y');
  const { planSet } = compileGraph(b.build());
  const planes = planSet.plans[0].schedule.slots.flatMap(({ layout }) => (layout.kind === 'planes' ? [layout] : []));
  assert.ok(planes.length >= 4);
  for (const layout of planes) assert.is(layout.pitch, 9);
  assert.equal(
    planes.filter((l) => l.halo).map(({ top, left }) => [top, left]),
    [[1, 1]],
  );
});

test('planes have room for every tap and every tile', () => {
  const demand = { ...anyPlanes(true), top: 1, left: 2, bottom: 1, right: 1 };
  const layout = planesLayout([2, 3, 5, 6], [demand], 0, false);
  assert.equal([layout.top, layout.left, layout.pitch], [1, 2, 8]);
  const lastTap = (1 + 4 + 1) * layout.pitch + layout.left + 6 + 1 - 1;
  assert.ok(lastTap < layout.stride);
  const tiles = layout.top * layout.pitch + layout.left + Math.ceil((4 * layout.pitch + 6) / 4) * 4;
  assert.ok(tiles <= layout.stride);
  assert.is(layout.image, layout.stride * 4);
});

test('a strided window splits the padded plane by parity', () => {
  const demand = {
    ...anyPlanes(true),
    top: 1,
    left: 1,
    bottom: 1,
    right: 1,
    stepY: 2,
    stepX: 2,
    phasesY: 2,
    phasesX: 2,
  };
  const layout = planesLayout([1, 1, 7, 7], [demand], 0, true);
  assert.equal([layout.pitch, layout.phase, layout.stride], [5, 28, 112]);
});

test('plans of one package agree on the format of shared weights', () => {
  const b = new GraphBuilder('fc');
  const x = b.input('x', 'float32', ['batch', 64]);
  b.output(b.gemm(x, { dims: [64, 64], data: random(4096, 0.1) }), 'y');
  const { planSet } = compileGraph(b.build(), { shapes: [{ x: [1, 64] }, { x: [64, 64] }] });
  const formats = planSet.plans.map(
    ({ schedule }) => schedule.steps.find((s) => s.candidate?.format)?.candidate?.format,
  );
  assert.is(formats[0], formats[1]);
});

test('plans of one package agree where only one of them has a kernel for the blocks of the weights', () => {
  const sizes = [64, 33, 10];
  for (const pattern of ['16x1', '32x1', '1x4']) {
    const [height, width] = pattern.split('x').map(Number);
    for (const outputs of sizes) {
      const keep = random(4096, 0.1);
      const data = random(outputs * 64).map((w, i) =>
        keep[Math.floor(i / 64 / height) * 64 + Math.floor((i % 64) / width)] === 0 ? 0 : w,
      );
      for (const batches of [
        [1, 32],
        [32, 1],
        [1, 2, 33],
      ]) {
        const b = new GraphBuilder('fc');
        const x = b.input('x', 'float32', ['batch', 64]);
        b.output(b.gemm(x, { dims: [outputs, 64], data }), 'y');
        const { planSet } = compileGraph(b.build(), { shapes: batches.map((batch) => ({ x: [batch, 64] })) });
        const formats = planSet.plans.map(
          ({ schedule }) => schedule.steps.find((s) => s.candidate?.format)?.candidate?.format,
        );
        assert.ok(formats[0]);
        assert.is(new Set(formats).size, 1, `${pattern}, ${outputs} outputs, batches ${batches}`);
      }
    }
  }
});

test('all nodes that no kernel can run come in one error', () => {
  const build = (...names: string[]) => {
    const b = new GraphBuilder();
    const numbers = b.input('n', 'int64', [3]);
    const x = b.relu(b.input('x', 'float32', [3]));
    let n = numbers;
    for (const name of names) n = b.node('Add', [n, numbers], {}, undefined, name);
    b.output(b.node('Gather', [x, n], { axis: 0 }), 'y');
    return () => compileGraph(b.build());
  };
  build()();
  raises(build('one'), 'UNSUPPORTED_OP', /^Add 'one': runs on float32, int64 only folds at compile time$/);
  raises(
    build('one', 'two'),
    'UNSUPPORTED_OP',
    /^2 nodes cannot run: Add 'one': runs on .*; Add 'two': runs on [^;]*$/,
  );
});

test('a plan that fits no 32-bit memory is refused', () => {
  const build = (branches: number) => {
    const b = new GraphBuilder();
    const x = b.input('x', 'float32', ['batch', 2 ** 20]);
    const values = ['Tanh', 'Sigmoid', 'Abs', 'Exp'].slice(0, branches).map((op) => b.node(op, [x]));
    b.output(
      values.reduceRight((sum, value) => b.add(sum, value)),
      'y',
    );
    return () => compileGraph(b.build(), { shapes: [{ x: [1, 2 ** 20] }, { x: [2 ** 8, 2 ** 20] }] });
  };
  build(1)();
  raises(
    build(4),
    'OUT_OF_MEMORY',
    /^plan 1 \('x' 256x1048576\) needs \d+ bytes of memory, a 32-bit memory has less than/,
  );
});

test.run();

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { compileGraph } from '../../src/compile.ts';
import { GraphBuilder } from '../../src/graph/builder.ts';
import { randomTensor } from '../support/graphs.ts';
import { raises } from '../support/raises.ts';

const plain = () => {
  const g = new GraphBuilder('plain');
  g.output(g.gemm(g.input('x', 'float32', [1, 5]), randomTensor([4, 5])));
  return g.build();
};

test('skip is auto, off or a threshold', () => {
  for (const skip of ['auto', 'off', 0, 0.25] as const) compileGraph(plain(), { skip });
  for (const skip of ['on', -1, Number.NaN, Number.POSITIVE_INFINITY, null, true, {}])
    raises(
      () => compileGraph(plain(), { skip: skip as never }),
      'INVALID_ARGUMENT',
      /skip is 'auto', 'off' or a number of at least 0, found /,
    );
});

test('a threshold is noted where something is skipped', () => {
  const g = new GraphBuilder('fc');
  const x = g.relu(g.input('x', 'float32', [1, 256]));
  g.output(g.gemm(x, randomTensor([256, 256]), undefined, { name: 'fc' }));
  const graph = g.build();
  const notes = (skip: 'auto' | number) => compileGraph(graph, { skip }).manifest.notes.join('\n');
  assert.match(notes(0.25), /skip: \|x\| <= 0\.25 counts as zero in fc: an approximation/);
  assert.not.match(notes(0), /approximation/);
  assert.not.match(notes('auto'), /approximation/);
  assert.not.match(compileGraph(plain(), { skip: 0.25 }).manifest.notes.join(), /approximation/);
});

test.run();

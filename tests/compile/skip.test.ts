import { test } from 'uvu';
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

test.run();

import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import type { Graph } from '../../src/graph/ir.ts';
import { verify } from '../../src/graph/verify.ts';
import { OPS } from '../../src/ops/index.ts';
import { layersOf, shadowOf } from '../../src/prune/layers.ts';
import { channelGroups, type Group, removeAllChannels } from '../../src/prune/structured.ts';
import { expectSame, masked, outputOf } from '../support/structured.ts';
import { Net } from '../support/structured_nets.ts';

const RUNS = { numRuns: 60, seed: 7, interruptAfterTimeLimit: 15000 };
const SIZE = 4;

/** A value with a number of channels. */
interface Stream {
  x: string;
  width: number;
}

type Piece = (n: Net, s: Stream, name: string, width: number) => Stream;

/** What networks are made of. Widths are even. */
const PIECES: Readonly<Record<string, Piece>> = {
  conv: (n, { x, width: w }, name, width) => ({ x: n.g.relu(n.conv(x, w, width, name)), width }),
  norm: (n, { x, width }) => ({ x: n.g.relu(n.norm(x, width)), width }),
  residual: (n, { x, width: w }, name, width) => {
    const h = n.g.relu(n.norm(n.conv(x, w, width, `${name}.1`, { k: 1 }), width));
    return { x: n.g.add(x, n.conv(h, width, w, `${name}.2`)), width: w };
  },
  dense: (n, { x, width: w }, name, width) => ({
    x: n.g.node('Concat', [x, n.conv(n.g.relu(x), w, width, name)], { axis: 1 }),
    width: w + width,
  }),
  inception: (n, { x, width: w }, name, width) => {
    const pooled = n.g.maxPool(x, [3, 3], { pads: [1, 1, 1, 1], strides: [1, 1] });
    const branches = [n.conv(x, w, width, `${name}.1`, { k: 1 }), n.conv(pooled, w, 2, `${name}.2`)];
    return { x: n.g.node('Concat', branches, { axis: 1 }), width: width + 2 };
  },
  depthwise: (n, { x, width }, name) => ({ x: n.g.clip(n.conv(x, width, width, name, { group: width }), 0, 6), width }),
  grouped: (n, { x, width: w }, name, width) => ({ x: n.g.relu(n.conv(x, w, width, name, { group: 2 })), width }),
  gate: (n, { x, width: w }, name, width) => {
    const s = n.g.relu(n.conv(n.g.globalAveragePool(x), w, width, `${name}.1`, { k: 1 }));
    return { x: n.g.mul(x, n.g.node('Sigmoid', [n.conv(s, width, w, `${name}.2`, { k: 1 })])), width: w };
  },
  split: (n, { x, width: w }, name) => {
    n.g.node('Split', [x], { axis: 1 }, [`${name}.a`, `${name}.b`]);
    return { x: n.g.mul(`${name}.a`, n.g.node('Tanh', [`${name}.b`])), width: w / 2 };
  },
  slice: (n, { x, width: w }, name, width) => {
    const part = n.g.node('Slice', [x, n.ints(1), n.ints(w), n.ints(1)]);
    return { x: n.conv(part, w - 1, width, name, { k: 1 }), width };
  },
  shuffle: (n, { x, width }) => {
    const five = n.g.reshape(x, [0, 2, width / 2, SIZE, SIZE]);
    const swapped = n.g.node('Transpose', [five], { perm: [0, 2, 1, 3, 4] });
    return { x: n.g.reshape(swapped, [0, width, SIZE, SIZE]), width };
  },
};

const piece = fc.record({ kind: fc.constantFrom(...Object.keys(PIECES)), half: fc.integer({ min: 1, max: 3 }) });
const pieces = fc.array(piece, { minLength: 1, maxLength: 6 });

function netOf(list: readonly { kind: string; half: number }[], flat: boolean): Graph {
  const n = new Net('random');
  let stream: Stream = { x: n.g.relu(n.conv(n.image(3, SIZE), 3, 8, 'stem')), width: 8 };
  list.forEach(({ kind, half }, i) => {
    const isOdd = stream.width % 2 === 1 || stream.width < 4;
    stream = PIECES[isOdd ? 'conv' : kind](n, stream, `${kind}${i}`, 2 * half);
  });
  const { x, width } = stream;
  const { g } = n;
  const rows = g.flatten(flat ? x : g.globalAveragePool(x));
  const ins = flat ? width * SIZE * SIZE : width;
  const h = g.node('Tanh', [n.gemm(rows, ins, 5, 'fc1')]);
  return n.build(n.gemm(h, 5, 3, 'fc2'));
}

/** The outputs of each layer are in one group each. */
function expectPartition(graph: Graph, groups: readonly Group[]): void {
  for (const layer of layersOf(graph, shadowOf(graph))) {
    if (layer.groups === layer.rows) continue;
    const rows = groups.flatMap(({ producers }) =>
      producers.filter(({ node }) => node === layer.name).flatMap((producer) => producer.rows.flat()),
    );
    assert.equal(
      rows.sort((a, b) => a - b),
      [...Array(layer.rows).keys()],
      layer.name,
    );
  }
}

let removedChannels = 0;

test('random channels of random networks: removed is masked', async () => {
  await fc.assert(
    fc.asyncProperty(
      pieces,
      fc.boolean(),
      fc.array(fc.nat(), { minLength: 8, maxLength: 8 }),
      async (list, flat, picks) => {
        const graph = netOf(list, flat);
        const groups = channelGroups(graph, shadowOf(graph));
        expectPartition(graph, groups);
        const removals = groups
          .filter(({ blocked }) => blocked === undefined)
          .map((group, i) => {
            const count = picks[i % 8] % Math.min(3, group.channels);
            return { group, channels: [...Array(count).keys()].map((k) => (picks[(i + 1) % 8] + k) % group.channels) };
          });
        removedChannels += removals.reduce((sum, { channels }) => sum + channels.length, 0);
        const removed = removeAllChannels(graph, removals);
        verify(removed, OPS);
        expectSame(await outputOf(removed), await outputOf(masked(graph, removals)));
      },
    ),
    RUNS,
  );
  assert.ok(removedChannels > 100, `${removedChannels} channels were removed`);
});

test.run();

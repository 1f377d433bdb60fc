import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { GraphBuilder } from '../../src/graph/builder.ts';
import type { Graph } from '../../src/graph/ir.ts';
import { layersOf, shadowOf, weightsOf } from '../../src/prune/layers.ts';
import {
  channelGroups,
  type Group,
  removeAllChannels,
  removeChannels,
  scoreGroup,
} from '../../src/prune/structured.ts';
import type { Criterion } from '../../src/prune/types.ts';
import { Tensor } from '../../src/tensor.ts';
import { randomTensor } from '../support/graphs.ts';
import { raises } from '../support/raises.ts';
import { expectSame, masked, outputOf } from '../support/structured.ts';
import { densenet, grouped, headNorms, NETS, pyramid, resnet, slopes, vgg, vit } from '../support/structured_nets.ts';

const groupsOf = (graph: Graph): Group[] => channelGroups(graph, shadowOf(graph));

function groupOf(graph: Graph, id: string): Group {
  const group = groupsOf(graph).find((g) => g.id === id);
  assert.ok(group, `there is a group '${id}'`);
  return group!;
}

const free = (groups: readonly Group[]): Group[] => groups.filter(({ blocked }) => blocked === undefined);

const shapes = (groups: readonly Group[]): string[] =>
  groups.map(({ id, kind, channels, producers, blocked }) => {
    const rows = producers.map(({ node, rows: [first] }) => `${node}/${first.length}`);
    return `${id}: ${channels} ${kind} of ${rows.join(' ')}${blocked === undefined ? '' : ` (${blocked})`}`;
  });

for (const [name, build] of Object.entries(NETS)) {
  test(`${name}: each group alone, removed is masked`, async () => {
    const graph = build();
    const groups = free(groupsOf(graph));
    assert.ok(groups.length > 0);
    for (const group of groups) {
      const channels = [0, group.channels - 1].slice(0, Math.min(2, group.channels - 1));
      const removed = removeChannels(graph, group, channels);
      expectSame(await outputOf(removed), await outputOf(masked(graph, [{ group, channels }])));
    }
  });

  test(`${name}: all groups at once, removed is masked and smaller`, async () => {
    const graph = build();
    const removals = free(groupsOf(graph)).map((group) => ({ group, channels: [group.channels >> 1] }));
    const removed = removeAllChannels(graph, removals);
    expectSame(await outputOf(removed), await outputOf(masked(graph, removals)));
    const size = (g: Graph) => [...g.values.values()].reduce((sum, { constant }) => sum + (constant?.size ?? 0), 0);
    assert.ok(size(removed) < size(graph));
    assert.equal(
      removed.nodes.map((node) => node.name),
      graph.nodes.map((node) => node.name),
    );
    assert.equal(removed.values.get('x')!.dims![0], 'batch');
  });
}

const expected: [string, () => Graph, string[]][] = [
  [
    'ResNet',
    resnet,
    [
      'stem: 8 filters of stem/1 b1.conv2/1 b2.conv2/1',
      'b1.conv1: 6 filters of b1.conv1/1',
      'b2.conv1: 6 filters of b2.conv1/1',
      "fc: 5 neurons of fc/1 ('y' is a graph output)",
    ],
  ],
  [
    'DenseNet',
    densenet,
    [
      'stem: 6 filters of stem/1',
      'd1: 4 filters of d1/1',
      'd2: 4 filters of d2/1',
      'd3: 4 filters of d3/1',
      "head: 5 filters of head/1 ('y' is a graph output)",
    ],
  ],
  [
    'grouped convolutions',
    grouped,
    [
      'first: 3 filters of first/2',
      'wide: 4 filters of wide/3 mid/2',
      "last: 3 filters of last/1 ('y' is a graph output)",
    ],
  ],
  [
    'ViT with q, k and v',
    vit,
    [
      'q: 3 heads of q/4 k/4 v/4',
      "out: 12 neurons of out/1 mlp2/1 (ReduceMean 'ReduceMean.2' averages over them)",
      'mlp1: 16 neurons of mlp1/1',
    ],
  ],
  [
    'ViT with LayerNormalization',
    () => vit('split', 'node'),
    [
      'qkv: 3 heads of qkv/12',
      "out: 12 neurons of out/1 mlp2/1 (LayerNormalization 'LayerNormalization.1' normalises over them)",
      'mlp1: 16 neurons of mlp1/1',
    ],
  ],
  ['norms of heads', headNorms, ['q: 3 heads of q/4 k/4 v/4', "out: 3 neurons of out/1 ('y' is a graph output)"]],
  [
    'upsampling',
    pyramid,
    ['a: 6 filters of a/1 c/1', 'b: 8 filters of b/1', "d: 3 filters of d/1 ('y' is a graph output)"],
  ],
  [
    'PReLU',
    slopes,
    [
      'a: 6 filters of a/1',
      'c: 8 filters of c/1 d/1',
      'fc1: 7 neurons of fc1/1',
      "fc2: 3 neurons of fc2/1 ('y' is a graph output)",
    ],
  ],
  [
    'ViT with q, k and v in one layer, split by Gather',
    () => vit('gather'),
    [
      'qkv: 3 heads of qkv/12',
      "out: 12 neurons of out/1 mlp2/1 (ReduceMean 'ReduceMean.2' averages over them)",
      'mlp1: 16 neurons of mlp1/1',
    ],
  ],
];

for (const [name, build, list] of expected)
  test(`the groups of ${name}`, () => assert.equal(shapes(groupsOf(build())), list));

test('groups partition the outputs of their producers', () => {
  for (const build of Object.values(NETS)) {
    const graph = build();
    const shadow = shadowOf(graph);
    const groups = channelGroups(graph, shadow);
    for (const layer of layersOf(graph, shadow)) {
      const rows = groups.flatMap(({ producers }) =>
        producers.filter(({ node }) => node === layer.name).flatMap((producer) => producer.rows.flat()),
      );
      if (layer.groups === layer.rows) continue;
      assert.equal(
        rows.sort((a, b) => a - b),
        [...Array(layer.rows).keys()],
        layer.name,
      );
    }
  }
});

test('a filter saves k^2 n(i) + k^2 n(i+2) parameters, and multiplications by the sizes of both feature maps', () => {
  const [n0, n1, n2, k] = [3, 5, 4, 3];
  const g = new GraphBuilder();
  const attrs = { kernel_shape: [k, k] };
  const first = g.conv(g.input('x', 'float32', ['batch', n0, 10, 9]), randomTensor([n1, n0, k, k]), undefined, {
    ...attrs,
    name: 'first',
  });
  const second = g.conv(g.relu(first), randomTensor([n2, n1, k, k], 2), undefined, { ...attrs, strides: [2, 2] });
  g.output(second, 'y');
  const graph = g.build();
  const group = groupOf(graph, 'first');
  assert.equal(group.parameters, Array(n1).fill(k * k * n0 + k * k * n2));
  assert.equal(group.multiplications, Array(n1).fill(k * k * n0 * 8 * 7 + k * k * n2 * 3 * 3));
  const count = (x: Graph) => layersOf(x, shadowOf(x)).reduce((sum, { macs }) => sum + macs, 0);
  assert.is(count(graph) - count(removeChannels(graph, group, [2])), group.multiplications[2]);
});

test('what cannot be removed is named', () => {
  const cases: [RegExp, (g: GraphBuilder, x: string) => string][] = [
    [/^'y' is a graph output$/, (g, x) => g.node('Identity', [x], {}, ['y'])],
    [/Softmax 'Softmax' does not keep channels apart/, (g, x) => head(g, g.softmax(x, 1))],
    [/ReduceMean 'ReduceMean' averages over them/, (g, x) => g.node('Mul', [x, mean(g, x)])],
    [
      /joins two branches, of which 'r' is a graph input/,
      (g, x) => head(g, g.add(x, g.input('r', 'float32', [1, 4, 1, 1]))),
    ],
    [/Reshape 'Reshape' mixes channels with other axes/, (g, x) => g.reshape(x, [1, 6, 6, 4])],
    [/Shape 'Shape' gives their number to Mul 'Mul'/, (g, x) => counted(g, x)],
    [
      /the weights of Conv 'first' are used by other nodes too/,
      (g, x) => head(g, g.node('Conv', [x, 'first/weight'], { kernel_shape: [1, 1] })),
    ],
  ];
  for (const [reason, build] of cases) {
    const g = new GraphBuilder();
    const first = g.conv(g.input('x', 'float32', [1, 4, 6, 6]), randomTensor([4, 4, 1, 1]), undefined, {
      name: 'first',
    });
    const y = build(g, first);
    g.output(y, y === 'y' ? undefined : 'y');
    const group = groupOf(g.build(), 'first');
    assert.match(group.blocked ?? '', reason);
  }
});

const head = (g: GraphBuilder, x: string): string => g.conv(x, randomTensor([2, 4, 1, 1]));

const mean = (g: GraphBuilder, x: string): string =>
  g.node('ReduceMean', [x, g.constant(new Tensor('int64', [1], [1]))], { keepdims: 1 });

/** Scales by the number of channels. */
function counted(g: GraphBuilder, x: string): string {
  const one = g.constant(new Tensor('int64', [1], [1]));
  const count = g.node('Cast', [g.node('Gather', [g.node('Shape', [x]), one], { axis: 0 })], { to: 1 });
  return head(g, g.mul(x, count));
}

test('mistakes are refused', () => {
  const graph = resnet();
  const groups = groupsOf(graph);
  const refused = (pattern: RegExp, run: () => unknown) => raises(run, 'INVALID_ARGUMENT', pattern);
  refused(/group 'b1.conv1': one channel has to stay/, () => removeChannels(graph, groups[1], [0, 1, 2, 3, 4, 5]));
  refused(/group 'b1.conv1': its channels are 0 to 5, found 6/, () => removeChannels(graph, groups[1], [6]));
  refused(/group 'fc': no channel can be removed: 'y' is a graph output/, () => removeChannels(graph, groups[3], [0]));
  refused(/group 'stem': it was not found in this graph/, () => removeChannels(resnet(), groups[0], [0]));
});

test('a graph can be pruned again', async () => {
  const graph = vgg('reshape');
  const once = removeChannels(graph, groupOf(graph, 'conv2'), [1]);
  const group = groupOf(once, 'conv2');
  assert.is(group.channels, 3);
  const channels = [0, 2];
  expectSame(
    await outputOf(removeChannels(once, group, channels)),
    await outputOf(masked(once, [{ group, channels }])),
  );
});

test('the score of a channel is the mean over the rows of all producers', () => {
  const graph = resnet();
  const shadow = shadowOf(graph);
  const layers = new Map(layersOf(graph, shadow).map((layer) => [layer.name, layer]));
  const l1: Criterion = { name: 'l1', summary: '', needs: 'nothing', weights: ({ weights }) => weights.map(Math.abs) };
  const contextOf = (name: string) => {
    const layer = layers.get(name)!;
    return { layer, weights: weightsOf(layer, graph), stats: {}, random: Math.random };
  };
  const [group] = channelGroups(graph, shadow);
  const sums = ['stem', 'b1.conv2', 'b2.conv2'].map((name) => {
    const { weights, layer } = contextOf(name);
    return weights.subarray(3 * layer.cols, 4 * layer.cols).reduce((sum, x) => sum + Math.abs(x), 0);
  });
  const score = scoreGroup(group, l1, contextOf)[3];
  assert.ok(Math.abs(score - sums.reduce((a, b) => a + b) / 3) < 1e-4);
});

test.run();

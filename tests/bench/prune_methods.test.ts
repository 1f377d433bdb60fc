import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { digitsOf } from '../../bench/lib/mnist.ts';
import { pruneChart } from '../../bench/prune/chart.ts';
import { largestWithin } from '../../bench/prune/measure.ts';
import { ALLOCATIONS, METHODS, type PruneResults } from '../../bench/prune/results.ts';
import { openSubject } from '../../bench/prune/subject.ts';

test('the digits that calibrate are not those that are counted', () => {
  assert.is(digitsOf('train').count, 60_000);
  assert.is(digitsOf('test').count, 10_000);
  assert.is(digitsOf('train').labels.length, 60_000);
  assert.not.equal(digitsOf('train').images.subarray(0, 784), digitsOf('test').images.subarray(0, 784));
});

test('the dense network is as good as it should be, and one without its last weights guesses', async () => {
  const { layers, correct } = await openSubject('lenet300', 64);
  assert.is(layers[0].stats.input!.count, 64);
  const weights = layers.map((context) => context.weights);
  const dense = await correct(weights);
  assert.ok(dense > 9800 && dense < 9900, `${dense}`);
  const guesses = await correct([...weights.slice(0, -1), new Float32Array(weights.at(-1)!.length)]);
  assert.ok(guesses < 1500, `${guesses}`);
});

test('the largest sparsity lies between the last point that is good and the first that is not', async () => {
  const search = async (edge: number, sparsities: number[]) => {
    const asked: number[] = [];
    const correct = (sparsity: number) => (sparsity <= edge ? 9800 : 9000);
    const points = sparsities.map((sparsity) => ({ sparsity, correct: correct(sparsity) }));
    const found = await largestWithin(points, 9700, async (sparsity) => {
      asked.push(sparsity);
      return correct(sparsity);
    });
    return { found, asked };
  };
  assert.is((await search(73, [50, 60, 80])).found, 73);
  assert.is((await search(12, [50, 60])).found, 12);
  assert.is((await search(99, [50, 98])).found, 99);
  assert.equal((await search(60, [60, 61])).asked, []);
});

test('the chart has a panel for each network and allocation and a line for each method', () => {
  const curves = ALLOCATIONS.flatMap((allocation) =>
    METHODS.map((method) => ({
      allocation,
      method,
      within: method === 'obc' ? 91 : 60,
      points: [50, 90].map((sparsity) => ({ sparsity, correct: 9800 - sparsity })),
    })),
  );
  const results = { samples: 512, digits: 10_000, networks: [{ name: 'a<b', weights: 9, correct: 9847, curves }] };
  const svg = pruneChart(results as unknown as PruneResults);
  assert.match(svg, /512 training digits calibrate, 10000 test digits count/);
  assert.is(svg.match(/class="ink title"/g)?.length, 2);
  assert.is(svg.match(/<circle/g)?.length, 2 * 4 * 2);
  assert.match(svg, 'OBC within a point up to 91 % zeros');
  assert.match(svg, 'a&lt;b');
});

test.run();

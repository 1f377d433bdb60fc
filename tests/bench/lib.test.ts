import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { alternate, neededSample } from '../../bench/lib/alternate.ts';
import { measure } from '../../bench/lib/measure.ts';
import { argmax, normalised, parseIdx, testDigits } from '../../bench/lib/mnist.ts';
import { networks } from '../../bench/lib/networks.ts';
import { startProgress } from '../../bench/lib/progress.ts';
import { relativeError, summarize } from '../../bench/lib/stats.ts';
import { raises } from '../support/raises.ts';

test('summarize gives order statistics', () => {
  const sample = Array.from({ length: 100 }, (_, i) => (i * 37) % 100);
  assert.equal(summarize(sample), { n: 100, min: 0, p10: 10, median: 50, p90: 90 });
  assert.equal(summarize([2, 10, 1]), { n: 3, min: 1, p10: 1, median: 2, p90: 10 });
  assert.equal(summarize([]).n, 0);
  assert.ok(Number.isNaN(summarize([]).median));
});

test('relativeError is measured against the largest expected value', () => {
  assert.is(relativeError([1, -4], [1, -4]), 0);
  assert.is(relativeError([1.5, -4], [1, -4]), 0.125);
  assert.is(relativeError([0, 0], [0, 0]), 0);
  for (const actual of [[1], [1, Number.NaN], [1, Number.POSITIVE_INFINITY]]) {
    assert.is(relativeError(actual, [1, 2]), Number.POSITIVE_INFINITY);
  }
});

test('alternate lets functions and promises take turns and counts each call', async () => {
  const calls: string[] = [];
  const shares: number[] = [];
  const result = await alternate(
    { a: () => calls.push('a'), b: () => new Promise((done) => setTimeout(() => done(calls.push('b')), 2)) },
    { budgetMs: 30, warmUpMs: 0, warmUpCalls: 3, turnMs: 1, onProgress: (share) => shares.push(share) },
  );
  assert.equal(calls.slice(0, 7), ['a', 'a', 'a', 'b', 'b', 'b', 'a']);
  assert.is(result.a.n, calls.filter((name) => name === 'a').length - 3);
  assert.is(result.b.n, calls.filter((name) => name === 'b').length - 3);
  assert.ok(result.b.min > 1 && result.a.min < 1, 'the promise is awaited within its time');
  assert.is(shares.at(-1), 1);
});

test('alternate takes many calls for a sample where the clock is coarse', async () => {
  assert.equal([0.00005, 0.1].map(neededSample), [0, 10]);
  const { now } = performance;
  let time = 0;
  performance.now = () => time;
  try {
    let calls = 0;
    const run = () => {
      calls++;
      time += 0.25;
    };
    const options = { budgetMs: 1, warmUpMs: 0, warmUpCalls: 3, turnMs: 0, sampleMs: 2, leastRounds: 2 };
    const { a } = await alternate({ a: run }, options);
    assert.equal([a.n, calls, a.min], [2, 3 + 2 * 8, 0.25]);
  } finally {
    performance.now = now;
  }
});

test('parseIdx reads dims and bytes, and refuses what is none', () => {
  const file = Uint8Array.of(0, 0, 8, 2, 0, 0, 0, 2, 0, 0, 0, 3, 1, 2, 3, 4, 5, 6);
  assert.equal(parseIdx(file), { dims: [2, 3], data: Uint8Array.of(1, 2, 3, 4, 5, 6) });
  for (const wrong of [
    file.subarray(0, 17),
    file.subarray(0, 7),
    file.subarray(0, 3),
    Uint8Array.from(file, (x, i) => (i === 2 ? 13 : x)),
  ]) {
    raises(() => parseIdx(wrong, 'digits'), 'FILE_ERROR', /^digits: /);
  }
});

test('MNIST has 10,000 test digits', () => {
  const digits = testDigits();
  assert.equal(
    [digits.count, digits.pixels, digits.images.length, digits.labels.length],
    [10_000, 784, 7_840_000, 10_000],
  );
  assert.equal([...digits.labels.subarray(0, 5)], [7, 2, 1, 0, 4]);
  const images = normalised(digits, [3, 1], { scale: 255, mean: 0.5, std: 0.25 });
  assert.is(images.length, 2 * 784);
  const brightest = argmax(digits.images, 784, 784);
  assert.is(images[784 + brightest], Math.fround((digits.images[784 + brightest] / 255 - 0.5) / 0.25));
});

test('argmax finds the first of the largest', () => {
  assert.is(argmax([3, 9, 9, 1]), 1);
  assert.is(argmax([9, 1, 2, 5, 4], 1, 3), 2);
});

test('progress is drawn in place on a terminal and in lines elsewhere', () => {
  const written = (isTTY: boolean): string[] => {
    const parts: string[] = [];
    const progress = startProgress({
      isTTY,
      columns: 60,
      write: (part: string) => parts.push(part) > 0,
    } as NodeJS.WriteStream);
    for (const share of [0, 0.001, 0.5]) progress.at(share, share < 0.5 ? 'first' : 'second');
    progress.done();
    return parts;
  };
  assert.equal(written(false), ['  0 %  first\n', ' 50 %  second\n']);
  const bar = (filled: number, text: string): string => `\r\x1b[K[${'='.repeat(filled).padEnd(30)}] ${text}`;
  assert.equal(written(true), [bar(0, '  0 %  first'), bar(15, ' 50 %  second'), '\r\x1b[K']);
});

test('the main job finds what disagrees with PyTorch', async () => {
  const [network] = networks;
  const right = await measure(network, 20, () => {});
  assert.equal(right.disagreements, []);
  assert.is(right.correct.sparse, network.correct);
  const logits = network.logits.map((x, i) => (i === 630 ? x + 0.1 : x));
  const wrong = await measure({ ...network, correct: network.correct + 1, logits }, 20, () => {});
  assert.is(wrong.disagreements.length, 4, wrong.disagreements.join('\n'));
  assert.match(wrong.disagreements[0], /^lenet300 \(sparse\): 9832 digits right, PyTorch 9833$/);
});

test.run();

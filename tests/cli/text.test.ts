import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { bytes, count, duration, printable, shorten } from '../../src/cli/format.ts';
import { wrap } from '../../src/cli/help.ts';
import { randomTensor, uniform } from '../../src/cli/random.ts';
import { table } from '../../src/cli/table.ts';
import { quantile, timeInTurn } from '../../src/cli/timing.ts';
import { numbersOf } from '../../src/tensor.ts';

test('units', () => {
  assert.equal([0, 999, 1000, 118976, 999_499, 999_500, 1.07e9].map(bytes), [
    '0 B',
    '999 B',
    '1.00 KB',
    '119 KB',
    '999 KB',
    '1.00 MB',
    '1.07 GB',
  ]);
  assert.equal([784, 10_648, 9_996, 1.2e6].map(count), ['784', '10.6K', '10.0K', '1.20M']);
  assert.equal([0.00583, 0.9996, 12.34, 2100].map(duration), ['5.83 us', '1.00 ms', '12.3 ms', '2.10 s']);
});

test('shortened texts keep their ends and their width', () => {
  assert.is(shorten('abcdef', 6), 'abcdef');
  for (let width = 1; width < 12; width++) {
    const text = shorten('/features/block/Conv', width);
    assert.is([...text].length, width);
    assert.is(text.includes('…'), true);
  }
  assert.match(shorten('/features/block/Conv', 10), /^\/.*Conv$/);
});

test('names cannot steer the terminal', () => {
  assert.is(printable('a\x1b[2Jb\r\x07c\u202ed\x9b\nz'), 'a\ufffd[2Jb\ufffd\ufffdc\ufffdd\ufffd\nz');
  const [, , row] = table([{ title: 'x' }], [['a\nb']]);
  assert.is(row, 'a\ufffdb');
});

test('tables: aligned, numbers on the right, shortened to the width', () => {
  const columns = [
    { title: 'node', least: 5 },
    { title: 'n', right: true },
  ];
  assert.equal(
    table(columns, [
      ['a', '1'],
      ['bb', '22'],
    ]),
    ['node   n', '----  --', 'a      1', 'bb    22'],
  );
  for (const width of [100, 40, 20, 10]) {
    const lines = table(columns, [['x'.repeat(300), '123']], width);
    assert.ok(
      lines.every((line) => line.length <= width),
      `width ${width}`,
    );
    assert.ok(lines[2].endsWith('123'));
  }
});

test('wrapped lines keep all words', () => {
  const text = 'one two three four five six seven';
  const lines = wrap(text, 10);
  assert.ok(lines.every((line) => line.length <= 10));
  assert.is(lines.join(' '), text);
});

test('random data: the same for a seed, normal floats, whole numbers in range', () => {
  const a = numbersOf(randomTensor('float32', [10_000], uniform(1)));
  assert.equal(a, numbersOf(randomTensor('float32', [10_000], uniform(1))));
  assert.not.equal(a, numbersOf(randomTensor('float32', [10_000], uniform(2))));
  const mean = a.reduce((s, x) => s + x, 0) / a.length;
  const variance = a.reduce((s, x) => s + (x - mean) ** 2, 0) / a.length;
  assert.ok(Math.abs(mean) < 0.05 && Math.abs(variance - 1) < 0.05, `mean ${mean}, variance ${variance}`);
  assert.ok(a.every(Number.isFinite));
  assert.equal([...new Set(numbersOf(randomTensor('int64', [100], uniform(1))))].sort(), [0, 1]);
  assert.equal([...new Set(numbersOf(randomTensor('bool', [100], uniform(1))))].sort(), [0, 1]);
  assert.ok(new Set(numbersOf(randomTensor('uint8', [1000], uniform(1)))).size > 200);
});

test('quantiles by nearest rank', () => {
  const sorted = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10];
  assert.equal(
    [0, 0.1, 0.5, 0.9, 1].map((share) => quantile(sorted, share)),
    [1, 1, 5, 9, 10],
  );
  assert.is(quantile([7], 0.5), 7);
});

test('subjects are timed in turn', () => {
  const calls: string[] = [];
  const subjects = ['a', 'b'].map((name) => () => {
    calls.push(name);
  });
  const timings = timeInTurn(subjects, { runs: 4, seconds: 0 });
  assert.equal(calls.slice(-8), ['a', 'b', 'a', 'b', 'a', 'b', 'a', 'b']);
  for (const { runs, min, p10, median, p90 } of timings) {
    assert.is(runs, 4);
    assert.ok(min <= p10 && p10 <= median && median <= p90);
  }
});

test.run();

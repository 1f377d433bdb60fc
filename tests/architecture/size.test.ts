import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { sourcesIn, textOf } from '../support/sources.ts';

const MOST = 400;
const MEDIAN = 150;

test('files are small', () => {
  const files = [...sourcesIn('src'), ...sourcesIn('assembly')].filter(
    (file) => !file.startsWith('assembly/generated/'),
  );
  const lines = files.map((file) => ({ file, lines: textOf(file).trimEnd().split('\n').length }));
  assert.equal(
    lines.filter((f) => f.lines > MOST),
    [],
  );
  const sorted = lines.map((f) => f.lines).sort((a, b) => a - b);
  const median = sorted[sorted.length >> 1];
  assert.ok(median < MEDIAN, `the median file has ${median} lines`);
  console.log(`\nsource: ${files.length} files, median ${median} lines, longest ${sorted.at(-1)}`);
});

test.run();

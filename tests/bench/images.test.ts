import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { runNode } from '../support/scripts.ts';

test('bench:images finds that both ways agree, and times them', () => {
  const { status, stdout, stderr } = runNode('bench/images.ts', '--ms', '1');
  assert.is(status, 0, stderr);
  assert.match(stdout, /bilinear, antialiased( +[\d.]+ m?u?s){4} +[\d.]+\n/);
  assert.match(stdout, /four nearest pixels( +[\d.]+ m?u?s){4} +[\d.]+\n/);
});

test.run();

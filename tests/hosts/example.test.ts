import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { runNode } from '../support/scripts.ts';

const folder = mkdtempSync(join(tmpdir(), 'zeroskip-test-'));
const example = (...args: string[]) => runNode('tests/hosts/example.ts', ...args);

test('an example is put into a folder and runs there', () => {
  const target = join(folder, 'try');
  const { status, stderr } = example('--name', 'node', '--folder', target);
  assert.is(status, 0, stderr);
  for (const entry of ['main.mjs', 'main.cjs']) {
    const { stdout } = spawnSync(process.execPath, [entry], { cwd: target, encoding: 'utf8' });
    assert.is(JSON.parse(stdout).digit, 7);
  }
});

test('what is asked for has to be there, the folder must not', () => {
  const unknown = example('--name', 'nod', '--folder', folder);
  assert.is(unknown.status, 2);
  assert.match(unknown.stderr, /found 'nod'; did you mean 'node'/);
  writeFileSync(join(folder, 'mine.txt'), '');
  const full = example('--name', 'node', '--folder', folder);
  assert.is(full.status, 2);
  assert.match(full.stderr, /is not empty/);
});

test.after(() => rmSync(folder, { recursive: true }));
test.run();

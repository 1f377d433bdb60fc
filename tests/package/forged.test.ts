import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { root } from '../support/sources.ts';

const TIMEOUT_MS = 300_000;

test('forged packages are refused or run within their arena and in time', () => {
  const folder = mkdtempSync(join(tmpdir(), 'zeroskip-'));
  try {
    // A process of its own: a hang can be ended and named.
    const progress = join(folder, 'progress');
    const child = fileURLToPath(new URL('../support/forged_child.ts', import.meta.url));
    const run = spawnSync(process.execPath, ['--import', 'tsx', child, progress], {
      cwd: root,
      encoding: 'utf8',
      timeout: TIMEOUT_MS,
    });
    const at = () => readFileSync(progress, 'utf8').trim();
    assert.is(run.signal, null, `ended after ${TIMEOUT_MS} ms at: ${at()}`);
    assert.is(run.status, 0, `${run.stderr} at: ${at()}`);
    const { forged, refused, ran, bases, failures, failed } = JSON.parse(run.stdout);
    assert.equal(failures, [], `${failed} failures`);
    assert.ok(ran > 1000 && refused > 1000, 'both ends are reached');
    console.log(`\nforged: ${forged} packages made of ${bases}, ${refused} refused, ${ran} run`);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test.run();

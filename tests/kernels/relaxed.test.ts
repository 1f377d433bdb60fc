import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import * as abi from '../../assembly/abi.ts';
import { hasRelaxedSimd } from '../../src/runtime/features.ts';
import { CONTROL_CODES } from '../support/control_codes.ts';
import { root } from '../support/sources.ts';

const FLAG = '--experimental-wasm-relaxed-simd';

test('the relaxed build agrees with the references', () => {
  const child = fileURLToPath(new URL('../support/relaxed_child.ts', import.meta.url));
  const flags = hasRelaxedSimd() ? [] : [FLAG];
  const run = spawnSync(process.execPath, [...flags, '--import', 'tsx', child], {
    cwd: root,
    encoding: 'utf8',
    timeout: 300_000,
  });
  assert.is(run.status, 0, run.stderr);
  const result = JSON.parse(run.stdout.trim().split('\n').at(-1)!);
  assert.equal(result.failures.slice(0, 5), []);
  const codes = Object.entries(abi).filter(([name]) => /^OP_(?!LIMIT|EXTRA)/.test(name));
  assert.equal(
    codes
      .filter(([name, code]) => !result.opCodes.includes(code) && !CONTROL_CODES.includes(name))
      .map(([name]) => name),
    [],
  );
  console.log(
    `\nrelaxed: ${result.cases} cases and sites, ${result.combinations} combinations, ${result.kernels.length} kernels`,
  );
});

test.run();

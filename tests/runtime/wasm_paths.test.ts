import { copyFileSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { load } from '../../src/runtime/index.ts';
import { randomTensor } from '../support/graphs.ts';
import { mlpPackage } from '../support/nets.ts';
import { rejects } from '../support/rejects.ts';
import { root } from '../support/sources.ts';

const bytes = mlpPackage();
const feeds = { x: randomTensor([1, 12]) };
const expected = (await load(bytes, { target: 'simd' })).runSync(feeds).y;
const folder = mkdtempSync(join(tmpdir(), 'zeroskip-wasm-'));
const file = join(folder, 'zeroskip.simd.wasm');
const other = join(folder, 'simd-0123.wasm');
for (const copy of [file, other]) copyFileSync(join(root, 'dist/wasm/zeroskip.simd.wasm'), copy);

test('the Wasm files are read from a folder, or file by file', async () => {
  const url = pathToFileURL(folder);
  for (const wasmPaths of [
    folder,
    `${folder}/`,
    url,
    `${url}/`,
    { simd: other },
    { simd: pathToFileURL(other) },
    { simd: pathToFileURL(other).href, relaxed: 'elsewhere' },
  ]) {
    const model = await load(bytes, { wasmPaths, target: 'simd' });
    assert.equal(model.runSync(feeds).y, expected);
  }
});

test('what is not there is named', async () => {
  const wasmPaths = join(folder, 'absent');
  await rejects(
    () => load(bytes, { wasmPaths, target: 'simd' }),
    'FILE_ERROR',
    /absent\/zeroskip\.simd\.wasm/,
    /wasmPaths/,
  );
  await rejects(
    () => load(bytes, { wasmPaths: { relaxed: other }, target: 'simd' }),
    'INVALID_ARGUMENT',
    /wasmPaths names no file for 'simd'/,
  );
  for (const wrong of [7, null, [folder]])
    await rejects(() => load(bytes, { wasmPaths: wrong as never }), 'INVALID_ARGUMENT', /wasmPaths is/);
});

test.after(() => rmSync(folder, { recursive: true }));
test.run();

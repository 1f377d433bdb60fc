import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { root, textOf } from '../support/sources.ts';

const folder = mkdtempSync(join(tmpdir(), 'zeroskip-tarball-'));
test.after(() => rmSync(folder, { recursive: true, force: true }));

const pack = ['pack', '--ignore-scripts', '--json', '--pack-destination', folder];
const [{ filename, files }] = JSON.parse(execFileSync('npm', pack, { cwd: root, encoding: 'utf8' })) as {
  filename: string;
  files: { path: string }[];
}[];
const tarball = join(folder, filename);
const bin = (name: string) => join(root, 'node_modules', '.bin', name);

test('the tarball holds what users need and nothing else', () => {
  const allowed =
    /^(package\.json|README\.md|LICENSE|dist\/(node|web)\/[^/]*\.js|dist\/types\/.*\.d\.ts|dist\/recipe\.schema\.json|dist\/wasm\/[^/]*\.(wasm|d\.ts))$/;
  assert.equal(
    files.map(({ path }) => path).filter((path) => !allowed.test(path)),
    [],
  );
  const paths = new Set(files.map(({ path }) => `./${path}`));
  const { exports, bin: bins } = JSON.parse(textOf('package.json'));
  // Keys of `exports` are what users write, and no files.
  const leaves = (x: object | string): string[] => (typeof x === 'string' ? [x] : Object.values(x).flatMap(leaves));
  const named = [exports, bins].flatMap(leaves).filter((path) => !path.includes('*'));
  assert.ok(named.length > 20);
  assert.equal(
    named.filter((path) => !paths.has(path)),
    [],
    'all files that package.json names are there',
  );
  assert.ok(statSync(tarball).size < 700_000, `${statSync(tarball).size} bytes`);
});

test('publint finds nothing', () => {
  const { stdout, stderr, status } = spawnSync(bin('publint'), ['run', tarball, '--strict'], { encoding: 'utf8' });
  assert.is(status, 0, stdout + stderr);
});

test('types resolve wherever the package does', () => {
  // Node 20.19 and later can require ES modules; the resolution of Node 10 knows no exports.
  const options = ['--profile', 'node16', '--format', 'json', '--ignore-rules', 'cjs-resolves-to-esm'];
  const { stdout, status } = spawnSync(bin('attw'), [tarball, ...options], { encoding: 'utf8', maxBuffer: 2 ** 26 });
  const { analysis } = JSON.parse(stdout) as { analysis: { problems: unknown[]; entrypoints: object } };
  assert.ok(Object.keys(analysis.entrypoints).length > 5);
  assert.is(status, 0, JSON.stringify(analysis.problems));
});

test.run();

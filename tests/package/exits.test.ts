import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { compileGraph } from '../../src/compile.ts';
import { ZeroskipError } from '../../src/errors.ts';
import type { ExitInfo, Manifest } from '../../src/package/format.ts';
import { load } from '../../src/runtime/index.ts';
import { Tensor } from '../../src/tensor.ts';
import { repack } from '../support/forge.ts';
import { randomTensor } from '../support/graphs.ts';
import { branchesAndExits } from '../support/nets.ts';
import { rejects } from '../support/rejects.ts';

const base = compileGraph(branchesAndExits(), { exits: [{ output: 'early', threshold: 0.99 }] }).bytes;
const bool = (dims: number[]): Tensor => new Tensor('bool', [1], dims);
const feeds = { x: randomTensor([2, 12], 1), c: bool([]), d: bool([1]) };

const withExits = (change: (exits: ExitInfo[], manifest: Manifest) => unknown): Uint8Array =>
  repack(base, (manifest) => {
    const exits = change(manifest.plans[0].exits!, manifest);
    if (exits !== undefined) manifest.plans[0].exits = exits as ExitInfo[];
  });

test('exits that lie elsewhere are refused', async () => {
  const arena = (m: Manifest): number => m.plans[0].arenaBytes;
  const forged: [RegExp, (exit: ExitInfo, manifest: Manifest) => void][] = [
    [/are outputs/, (exit) => Object.assign(exit, { output: 2 })],
    [/are outputs/, (exit) => Object.assign(exit, { output: -1 })],
    [/threshold/, (exit) => Object.assign(exit, { threshold: '1' })],
    [/lie in the arena/, (exit, m) => Object.assign(exit, { at: arena(m) })],
    [/lie in the arena/, (exit) => Object.assign(exit, { at: exit.at + 2 })],
    [/list outputs/, (exit) => Object.assign(exit, { outputs: [0, 5] })],
    [/list outputs/, (exit) => Object.assign(exit, { outputs: Array(1000).fill(0) })],
  ];
  for (const [pattern, change] of forged) {
    const file = withExits(([exit], manifest) => {
      change(exit, manifest);
    });
    await rejects(() => load(file), 'INVALID_PACKAGE', pattern);
  }
  const many = withExits(([exit]) => Array(3).fill(exit));
  await rejects(() => load(many), 'INVALID_PACKAGE', /at most an exit an output/);
});

test('junk in the place of anything: refused, or the model runs', async () => {
  const junk = [null, true, -1, 0.5, 1e300, 'x', [], [null], {}, [1, 2, 3]];
  let refused = 0;
  for (const key of ['', 'output', 'threshold', 'at', 'outputs']) {
    for (const value of junk) {
      const file = withExits(([exit]) => (key === '' ? value : [{ ...exit, [key]: value }]));
      try {
        const model = await load(file);
        model.runSync(feeds);
        model.profile(feeds);
      } catch (error) {
        assert.ok(error instanceof ZeroskipError && error.code === 'INVALID_PACKAGE', `${key} ${value}: ${error}`);
        refused++;
      }
    }
  }
  assert.ok(refused > 30, `${refused} refused`);
});

test.run();

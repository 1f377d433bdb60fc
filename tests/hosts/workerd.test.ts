import { cpSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { relativeError } from '../../bench/lib/stats.ts';
import { compileGraph } from '../../src/compile.ts';
import { GraphBuilder } from '../../src/graph/builder.ts';
import { load, Tensor } from '../../src/runtime/index.ts';
import { root } from '../support/sources.ts';
import { TOLERANCE } from './check.ts';
import { stage } from './site.ts';
import { startWorkerd, workerdHost } from './workerd.ts';

const missing = workerdHost.unavailable();
if (missing) console.log(`\nworkerd is skipped: ${missing}`);
const runs = missing ? test.skip : test;

type Worker = Awaited<ReturnType<typeof startWorkerd>>;

/** Runs `use` with a Worker of the staged example: its own script, or one of the tests. */
async function withWorker(entry: string, use: (worker: Worker, model: Uint8Array) => Promise<void>): Promise<void> {
  const site = await stage('cloudflare-workers');
  cpSync(join(root, 'tests', 'hosts', 'workerd_probe.js'), join(site.folder, 'src', 'probe.js'));
  const worker = await startWorkerd(site, entry);
  try {
    await use(worker, site.model);
  } finally {
    await worker.miniflare.dispose();
  }
}

runs('packages that stream into a Worker, whole and not', () =>
  withWorker('src/probe.js', async ({ miniflare }, model) => {
    const ask = async (modules: 'none' | 'core' | 'both', body: Uint8Array | string) => {
      const response = await miniflare.dispatchFetch(`http://localhost/?modules=${modules}`, { method: 'POST', body });
      return { status: response.status, body: JSON.parse(await response.text()) };
    };
    const fails = async (modules: 'none' | 'core', body: Uint8Array | string, code: string, message: RegExp) => {
      const answer = await ask(modules, body);
      assert.equal([answer.status, answer.body.name, answer.body.code], [500, 'ZeroskipError', code]);
      assert.match(answer.body.message, message);
    };
    const runsRight = async (modules: 'core' | 'both', bytes: Uint8Array) => {
      const local = await load(bytes);
      const [{ name, dims: known }] = local.inputs;
      const dims = known.map(Number);
      const size = dims.reduce((product, d) => product * d, 1);
      const outputs = local.runSync({ [name]: new Tensor('float32', new Float32Array(size).fill(0.5), dims) });
      const answer = await ask(modules, bytes);
      assert.is(answer.status, 200);
      const [expected] = Object.values(outputs).map(({ data }) => Array.from(data as Float32Array, Number));
      assert.ok(relativeError(answer.body[0], expected) <= TOLERANCE);
    };
    await runsRight('core', model);
    await fails('none', model, 'UNSUPPORTED_HOST', /module/);
    await fails('core', '<!doctype html><title>404</title>', 'INVALID_PACKAGE', /HTML page/);
    await fails('core', model.subarray(0, 5000), 'INVALID_PACKAGE', /cut off/);

    const builder = new GraphBuilder('argmax');
    builder.output(builder.node('ArgMax', [builder.input('x', 'float32', [2, 3])], { axis: 1, keepdims: 0 }));
    const rare = compileGraph(builder.build()).bytes;
    await fails('core', rare, 'INVALID_ARGUMENT', /option extra/);
    await runsRight('both', rare);
    await runsRight('core', model);
  }),
);

runs('the example takes requests at the same time, refuses wrong ones, and recovers from an empty bucket', () =>
  withWorker('src/index.js', async ({ miniflare, bucket }, model) => {
    const ask = async (body: Uint8Array) => {
      const response = await miniflare.dispatchFetch('http://localhost/', { method: 'POST', body });
      return { status: response.status, body: await response.text() };
    };
    const image = new Uint8Array(784);
    assert.is((await ask(image)).status, 503);
    await bucket.put('model.zsk', model);
    const answers = await Promise.all(Array.from({ length: 6 }, () => ask(image)));
    for (const { status, body } of answers) {
      assert.is(status, 200, body);
      assert.is(body, answers[0].body);
    }
    const wrong = await ask(new Uint8Array(3));
    assert.is(wrong.status, 400);
    assert.is(JSON.parse(wrong.body).code, 'SHAPE_MISMATCH');
    assert.is((await miniflare.dispatchFetch('http://localhost/')).status, 405);
  }),
);

test.run();

import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { chromiumPath } from '../../bench/run/chromium.ts';
import { type First, largest } from '../../bench/start/largest.ts';
import { measureWorkers } from '../../bench/start/measure_workers.ts';
import { START_FOLDER, writeModels } from '../../bench/start/models.ts';
import { PAGES, pathOf, siteOf } from '../../bench/start/page_site.ts';
import { pageVisitor } from '../../bench/start/visits.ts';
import { WORKERS } from '../../bench/start/worker_site.ts';
import { workerdPath } from '../../bench/start/workerd.ts';
import { load, Tensor } from '../../src/runtime/index.ts';
import { tinyNet, weights } from '../support/bench_nets.ts';
import { browserMissing } from '../support/browser.ts';

/** Reads what the network of the benchmark reads. */
const DIMS = [1, 3, 224, 224];
const net = tinyNet('tiny-start', DIMS, (g, x) => {
  const y = g.relu(
    g.conv(x, weights('start', [8, 3, 8, 8], 0.8), new Float32Array(8), { kernel_shape: [8, 8], strides: [8, 8] }),
  );
  return g.gemm(g.flatten(g.globalAveragePool(y)), weights('start head', [10, 8], 0.5), new Float32Array(10));
});
const onnx = join(START_FOLDER, 'tiny-start.onnx');
const files = await writeModels({ ...net, onnxFile: () => onnx });
writeFileSync(onnx, net.onnx());

const model = await load(new Uint8Array(readFileSync(files.package)));
const { out } = model.runSync({ in: new Tensor('float32', net.data(), DIMS) });
const expected = largest(out.data as Float32Array);

const expectFirst = ({ best, value }: First) => {
  assert.is(best, expected.best);
  assert.ok(Math.abs(value / expected.value - 1) < 1e-3, `${value}, not ${expected.value}`);
};

const noBrowser = browserMissing();
if (noBrowser) console.log(`\npages are skipped: ${noBrowser}`);

(noBrowser ? test.skip : test)(
  'pages report their first result, and fetch nothing when they are visited again',
  async () => {
    const pages = PAGES.filter(({ name }) => name === 'zeroskip' || name === 'tfjs-wasm');
    const site = await siteOf(pages, files);
    const broken = '/broken.html';
    site.set(broken, Buffer.from(Buffer.from(site.get('/zeroskip.html')!).toString().replace('.zsk', '.missing')));
    const visitor = await pageVisitor(site);
    const visit = (path: string, visits: number) =>
      visitor.visit(path, { executablePath: chromiumPath(), visits, idleMs: 0 });
    try {
      for (const [i, page] of pages.entries()) {
        const found = await visit(pathOf(page), i === 0 ? 2 : 1);
        for (const one of found) {
          expectFirst(one);
          assert.ok(one.ms > 0);
        }
        const model = files[page.model!];
        assert.ok(found[0].sentBytes > readFileSync(model).length, 'the model is among what was sent');
        if (found.length > 1) assert.is(found[1].sentBytes, 0);
      }
      const wrong = await visit(broken, 1).catch((error: Error) => error.message);
      assert.match(String(wrong), /tiny-start\.missing cannot be read: HTTP status 404/);
    } finally {
      visitor.close();
    }
  },
);

const noWorkerd = ((): string | undefined => {
  try {
    workerdPath();
    return undefined;
  } catch (error) {
    return (error as Error).message;
  }
})();
if (noWorkerd) console.log(`\nWorkers are skipped: ${noWorkerd}`);

(noWorkerd ? test.skip : test)(
  'Workers answer with their first result; those that compile say that they may not',
  async () => {
    const workers = WORKERS.filter(({ name }) => name === 'empty' || name === 'zeroskip' || name === 'litert');
    const launch = { program: workerdPath(), core: undefined };
    const rows = await measureWorkers(files, 1, launch, { at() {}, done() {} }, workers);
    for (const { name, ms, requestMs, failed, asShipped } of rows) {
      assert.is(failed, undefined, `${name}: ${failed}`);
      assert.ok(ms!.min > requestMs!.min && requestMs!.min > 0);
      if (name === 'litert') assert.match(asShipped!, /disallowed by embedder/);
      else assert.is(asShipped, undefined);
    }
  },
);

test.after(() => {
  for (const file of Object.values(files)) rmSync(file, { force: true });
});
test.run();

import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build } from 'esbuild';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { compile, exportOnnx } from '../../src/compile.ts';
import { GraphBuilder } from '../../src/graph/builder.ts';
import { browserMissing, complaintsOf, resultOf, useBrowser } from '../support/browser.ts';
import { root } from '../support/sources.ts';
import { serve } from '../support/web_server.ts';

/** As a page says it that has both packages; each line of the result is `[tensors of its own, on zeroskip, y]`. */
const PAGE = `
  import * as web from 'onnxruntime-web/wasm';
  import * as ort from 'zeroskip/onnxruntime';

  async function show({ InferenceSession, Tensor }, model, options) {
    const session = await InferenceSession.create(model, options);
    const { y } = await session.run({ x: new Tensor('float32', [0, -2], [1, 2]) });
    const { handler } = session;
    return [y instanceof Tensor, 'network' in (handler.current ?? handler), Array.from(y.data)];
  }
  const bytes = async (file) => new Uint8Array(await (await fetch(file)).arrayBuffer());
  const fetched = () => performance.getEntriesByType('resource').some(({ name }) => /ort-wasm.*\\.wasm$/.test(name));

  web.env.wasm.numThreads = 1;
  ort.register(web, { fallback: ['wasm'] });
  const zeroskip = { executionProviders: ['zeroskip'] };
  const result = {
    moved: [
      await show(ort, 'relu.onnx', { executionProviders: ['webgpu', 'wasm'] }),
      await show(ort, await bytes('relu.onnx')),
      await show(ort, (await bytes('relu.zsk')).buffer),
      await show(ort, URL.createObjectURL(new Blob([await bytes('relu.onnx')]))),
    ],
    registered: await show(web, 'relu.onnx', zeroskip),
    fetchedBefore: fetched(),
    fallback: await show(web, 'sinh.onnx', zeroskip),
    other: await show(web, await bytes('relu.onnx'), { executionProviders: ['wasm'] }),
    fetchedAfter: fetched(),
  };
  document.querySelector('#result').textContent = JSON.stringify(result);
`;

function onnx(op: string): Uint8Array {
  const g = new GraphBuilder(op);
  g.output(g.node(op, [g.input('x', 'float32', ['n', 2])]), 'y', ['n', 2]);
  return exportOnnx(g.build());
}

const folder = mkdtempSync(join(tmpdir(), 'zeroskip-'));
const browser = useBrowser();

const reason = browserMissing();
if (reason) console.log(`\nChromium is skipped: ${reason}`);

(reason ? test.skip : test)(
  'in a page: moved code, onnxruntime-web with zeroskip registered, and its fallback',
  async () => {
    const page = join(folder, 'page');
    mkdirSync(page);
    cpSync(join(root, 'dist/wasm'), join(folder, 'wasm'), { recursive: true });
    cpSync(
      join(root, 'node_modules/onnxruntime-web/dist/ort-wasm-simd-threaded.wasm'),
      join(page, 'ort-wasm-simd-threaded.wasm'),
    );
    writeFileSync(join(page, 'index.html'), '<div id="result"></div><script type="module" src="main.js"></script>');
    writeFileSync(join(page, 'relu.onnx'), onnx('Relu'));
    writeFileSync(join(page, 'relu.zsk'), await compile(onnx('Relu')));
    writeFileSync(join(page, 'sinh.onnx'), onnx('Sinh'));
    await build({
      stdin: { contents: PAGE, resolveDir: root },
      bundle: true,
      outfile: join(page, 'main.js'),
      platform: 'browser',
      format: 'esm',
      target: 'es2022',
      logLevel: 'error',
    });
    const server = await serve(folder);
    const context = await browser.context();
    try {
      const opened = await context.newPage();
      const complaints = complaintsOf(opened);
      await opened.goto(`${server.url}page/`);
      const result = await resultOf(opened, complaints);
      assert.equal(complaints, []);
      const ours = [true, true, [0, 0]];
      assert.equal(result.moved, [ours, ours, ours, ours]);
      assert.equal(result.registered, ours);
      assert.is(result.fetchedBefore, false);
      assert.equal(result.fallback, [true, false, [0, Math.fround(Math.sinh(-2))]]);
      assert.equal(result.other, [true, false, [0, 0]]);
      assert.is(result.fetchedAfter, true);
    } finally {
      await context.close();
      await server.close();
    }
  },
);

test.after(async () => {
  await browser.release();
  rmSync(folder, { recursive: true });
});

test.run();

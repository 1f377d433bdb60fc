import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { brotliCompressSync } from 'node:zlib';
import { type BuildOptions, build } from 'esbuild';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { exportOnnx } from '../../src/compile.ts';
import { GraphBuilder } from '../../src/graph/builder.ts';
import { root } from '../support/sources.ts';

/** Makes `onnx` (`y = relu(x)`), `feeds` and `show(ort, options)`: what class of handler a session gets, and `y`. */
const PRELUDE = `
  const g = new GraphBuilder('relu');
  g.output(g.relu(g.input('x', 'float32', ['n', 4])), 'y', ['n', 4]);
  const onnx = exportOnnx(g.build());
  async function show(ort, options) {
    const session = await ort.InferenceSession.create(onnx, options);
    const { y } = await session.run({ x: new ort.Tensor('float32', [1, -2, 3, -4], [1, 4]) });
    return [session.handler.constructor.name, y instanceof ort.Tensor, y.data.join(' ')];
  }
`;
const OURS = ['Session', true, '1 0 3 0'];

/** Runs code as a user's, against the built package and in a process of its own, and returns the JSON that it prints. */
function run(code: string, type: 'module' | 'commonjs' = 'module'): unknown {
  const args = [`--input-type=${type}`, '--no-warnings', '-'];
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { cwd: root, encoding: 'utf8', input: code });
  assert.is(status, 0, stderr);
  return JSON.parse(stdout);
}

test('importing it is enough where the copy of onnxruntime-common is shared', () => {
  const shown = run(`
    import 'zeroskip/onnxruntime';
    import * as common from 'onnxruntime-common';
    import * as web from 'onnxruntime-web';
    import { exportOnnx, GraphBuilder } from 'zeroskip/compiler';
    ${PRELUDE}
    const [other] = await show(web, { executionProviders: ['wasm'] });
    console.log(JSON.stringify([await show(common), await show(web), other]));
  `) as unknown[];
  assert.equal(shown.slice(0, 2), [OURS, OURS]);
  assert.is.not(shown[2], 'Session', 'onnxruntime is still there under its own name');
});

test('register reaches copies of their own: onnxruntime-node, and onnxruntime-web as a page bundles it', () => {
  const shown = run(`
    import { register } from 'zeroskip/onnxruntime';
    import * as node from 'onnxruntime-node';
    import * as page from './node_modules/onnxruntime-web/dist/ort.wasm.bundle.min.mjs';
    import { exportOnnx, GraphBuilder } from 'zeroskip/compiler';
    ${PRELUDE}
    const before = await show(node);
    register(node);
    register(page);
    register(page);
    const zeroskip = { executionProviders: [{ name: 'zeroskip', target: 'simd' }] };
    const [native] = await show(node, { executionProviders: ['cpu'] });
    console.log(JSON.stringify([before[0], native, await show(node), await show(page, zeroskip)]));
  `);
  assert.equal(shown, ['OnnxruntimeSessionHandler', 'OnnxruntimeSessionHandler', OURS, OURS]);
});

test('CommonJS code requires it', () => {
  const shown = run(
    `
    const ort = require('zeroskip/onnxruntime');
    const common = require('onnxruntime-common');
    const { exportOnnx, GraphBuilder } = require('zeroskip/compiler');
    ${PRELUDE}
    ort.register(common);
    Promise.all([show(ort), show(common)]).then((shown) => console.log(JSON.stringify(shown)));
  `,
    'commonjs',
  );
  assert.equal(shown, [OURS, OURS]);
});

const bundle = async (contents: string, options: BuildOptions = {}): Promise<{ inputs: string[]; code: string }> => {
  const { metafile, outputFiles } = await build({
    stdin: { contents, resolveDir: root },
    absWorkingDir: root,
    bundle: true,
    minify: true,
    write: false,
    metafile: true,
    platform: 'browser',
    format: 'esm',
    target: 'es2022',
    logLevel: 'silent',
    ...options,
  });
  return { inputs: Object.keys(metafile!.inputs), code: outputFiles![0].text };
};

/** As code for onnxruntime-web is written. */
const program = (model: string) => `
  import ort, { InferenceSession, Tensor } from 'onnxruntime-web';
  ort.env.wasm.numThreads = 1;
  const session = await ort.InferenceSession.create('${model}', { executionProviders: ['webgpu', 'wasm'] });
  const { y } = await session.run({ x: new Tensor('float32', [1, -2, 3, -4], [1, 4]) });
  console.log(JSON.stringify([session instanceof InferenceSession, 'network' in session.handler, y.data.join(' ')]));
`;

test('a bundler leads code for onnxruntime-web here', async () => {
  const g = new GraphBuilder('relu');
  g.output(g.relu(g.input('x', 'float32', ['n', 4])), 'y', ['n', 4]);
  const model = `data:application/octet-stream;base64,${Buffer.from(exportOnnx(g.build())).toString('base64')}`;
  const host = pathToFileURL(join(root, 'dist/node/runtime.js'));
  const { code, inputs } = await bundle(program(model), {
    platform: 'node',
    alias: { 'onnxruntime-web': 'zeroskip/onnxruntime' },
    // Where the kernels are found from.
    define: { 'import.meta.url': JSON.stringify(host) },
  });
  assert.not.ok(inputs.some((file) => file.includes('node_modules/onnxruntime-web/')));
  assert.equal(run(code), [true, true, '1 0 3 0']);
});

test('the entry for packages has no compiler in it', async () => {
  const use = (entry: string) => bundle(`import ort from '${entry}'; globalThis.ort = ort;`);
  const lite = await use('zeroskip/onnxruntime/lite');
  const allowed = /^(<stdin>|dist\/web\/(onnxruntime-lite|lite|runtime)\.js)$|^node_modules\/onnxruntime-common\//;
  assert.equal(
    lite.inputs.filter((file) => !allowed.test(file)),
    [],
  );
  const full = await use('zeroskip/onnxruntime');
  assert.ok(full.inputs.includes('dist/web/compile.js'));
  console.log();
  for (const [name, { code }] of Object.entries({ 'onnxruntime/lite': lite, onnxruntime: full }))
    console.log(`zeroskip/${name}, minified: ${code.length} bytes, ${brotliCompressSync(code).length} brotli`);
  assert.ok(lite.code.length < full.code.length / 3);
});

test('the entry for packages runs packages, says what it does not do, and stands beside the other one', () => {
  const shown = run(`
    import * as lite from 'zeroskip/onnxruntime/lite';
    import { compile, exportOnnx, GraphBuilder } from 'zeroskip/compiler';
    ${PRELUDE.replace('create(onnx', 'create(model')}
    let model = await compile(onnx);
    const packed = await show(lite);
    model = onnx;
    const { code, message } = await show(lite).catch((error) => error);
    const full = await import('zeroskip/onnxruntime');
    console.log(JSON.stringify([packed, code, message, await show(full), await show(lite)]));
  `) as [unknown, string, string, unknown, unknown];
  assert.equal([shown[0], shown[1], shown[3], shown[4]], [OURS, 'INVALID_PACKAGE', OURS, OURS]);
  assert.match(shown[2], /zeroskip\/onnxruntime.*compiles ONNX/);
});

test.run();

import { readFileSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { compileGraph } from '../../src/compile.ts';
import { GraphBuilder } from '../../src/graph/builder.ts';
import { hasRelaxedSimd } from '../../src/runtime/features.ts';
import { type Feeds, load, Tensor } from '../../src/runtime/index.ts';
import { randomTensor } from '../support/graphs.ts';
import { moduleOf } from '../support/machine.ts';
import { cnnPackage, mlpPackage } from '../support/nets.ts';
import { raises } from '../support/raises.ts';
import { rejects } from '../support/rejects.ts';

const mlp = mlpPackage([1, 4]);
const cnn = cnnPackage();
const row = (seed: number, rows = 1) => ({ x: randomTensor([rows, 12], seed) });
const model = await load(mlp, { target: 'simd' });
const expected = model.runSync(row(1)).y;

/** Asserts that nothing of an error remains: the next run is right. */
function stillRight(): void {
  assert.equal(model.runSync(row(1)).y, expected);
}

test('what the model says of itself', () => {
  assert.equal(model.inputs, [{ name: 'x', type: 'float32', dims: ['batch', 12] }]);
  assert.is(model.outputs[0].name, 'y');
  assert.is(model.variant, 'simd');
  assert.ok(model.memoryBytes % 65536 === 0 && model.arenaBytes < model.memoryBytes);
});

test('feeds that do not fit are refused, and the next run is right', () => {
  const x = row(1).x;
  const wrong: [unknown, Parameters<typeof raises>[1], RegExp][] = [
    [undefined, 'INVALID_ARGUMENT', /feeds/],
    [null, 'INVALID_ARGUMENT', /feeds/],
    [{}, 'MISSING_INPUT', /'x'/],
    [{ x: undefined }, 'MISSING_INPUT', /'x'/],
    [{ x: null }, 'MISSING_INPUT', /'x'/],
    [{ y: x }, 'INVALID_ARGUMENT', /no input 'y'.*'x'/],
    [{ x, extra: x }, 'INVALID_ARGUMENT', /'extra'/],
    [{ x: new Tensor('int32', new Int32Array(12), [1, 12]) }, 'TYPE_MISMATCH', /float32, found int32/],
    [
      { x: { type: 'float32', data: new Float64Array(12), dims: [1, 12] } },
      'TYPE_MISMATCH',
      /Float32Array, found Float64Array/,
    ],
    [{ x: { type: 'float32', data: new Array(12).fill(0), dims: [1, 12] } }, 'TYPE_MISMATCH', /found Array/],
    [{ x: { type: 'float32', dims: [1, 12] } }, 'TYPE_MISMATCH', /Float32Array/],
    [{ x: { type: 'float32', data: new Float32Array(12) } }, 'SHAPE_MISMATCH', /dims/],
    [{ x: { type: 'float32', data: new Float32Array(12), dims: 12 } }, 'SHAPE_MISMATCH', /dims/],
    [
      { x: { type: 'float32', data: new Float32Array(11), dims: [1, 12] } },
      'SHAPE_MISMATCH',
      /needs 12 elements, found 11/,
    ],
    [{ x: { type: 'float32', data: new Float32Array(13), dims: [1, 12] } }, 'SHAPE_MISMATCH', /12 elements, found 13/],
    [{ x: 5 }, 'TYPE_MISMATCH', /'x'/],
    [{ x: randomTensor([12]) }, 'SHAPE_MISMATCH', /no plan for 'x' 12.*'x' 1x12; 'x' 4x12/],
    [{ x: randomTensor([2, 12]) }, 'SHAPE_MISMATCH', /no plan for 'x' 2x12.*'x' 1x12; 'x' 4x12/],
    [{ x: randomTensor([12, 1]) }, 'SHAPE_MISMATCH', /12x1/],
    [{ x: randomTensor([0, 12]) }, 'SHAPE_MISMATCH', /0x12/],
  ];
  for (const [feeds, code, pattern] of wrong) {
    raises(() => model.runSync(feeds as Feeds), code, pattern);
    raises(() => model.profile(feeds as Feeds), code, pattern);
    stillRight();
  }
});

test('an asynchronous run rejects with the same errors', async () => {
  await rejects(() => model.run({}), 'MISSING_INPUT');
  await rejects(() => model.run(undefined as unknown as Feeds), 'INVALID_ARGUMENT');
  assert.equal((await model.run(row(1))).y, expected);
});

test('anything with type, data and dims is a tensor', () => {
  const { type, data, dims } = row(1).x;
  assert.equal(model.runSync({ x: { type, data, dims } }).y, expected);
  const inside = new Float32Array(20);
  inside.set(data as Float32Array, 5);
  assert.equal(model.runSync({ x: new Tensor('float32', inside.subarray(5, 17), [1, 12]) }).y, expected);
  const feeds = Object.assign(Object.create(null), row(1));
  assert.equal(model.runSync(feeds).y, expected);
});

test('each plan gives each row what the others give it', () => {
  const four = row(7, 4);
  const together = model.runSync(four).y;
  assert.equal(together.dims, [4, 5]);
  for (let i = 0; i < 4; i++) {
    const one = model.runSync({ x: new Tensor('float32', four.x.data.slice(i * 12, i * 12 + 12), [1, 12]) }).y;
    one.data.forEach((v: number | bigint, k: number) => {
      assert.ok(Math.abs(Number(v) - Number(together.data[i * 5 + k])) < 1e-6);
    });
  }
  stillRight();
});

test('calls queue and resolve in order, whatever fails between', async () => {
  const order: number[] = [];
  const calls = Array.from({ length: 20 }, (_, i) => {
    const call = i % 5 === 3 ? model.run({}) : model.run(row(i));
    return call.then(
      (out) => {
        order.push(i);
        return out.y;
      },
      () => {
        order.push(i);
        return undefined;
      },
    );
  });
  const results = await Promise.all(calls);
  assert.equal(order, [...order.keys()]);
  results.forEach((y, i) => {
    if (i % 5 === 3) assert.is(y, undefined);
    else assert.equal(y, model.runSync(row(i)).y);
  });
});

test('outputs are copies without a prototype; feeds are read at the call', async () => {
  const first = model.runSync(row(1));
  assert.is(Object.getPrototypeOf(first), null);
  const feeds = row(2);
  const second = model.runSync(feeds);
  assert.equal(first.y, expected);
  (first.y.data as Float32Array).fill(9);
  (feeds.x.data as Float32Array).fill(9);
  assert.equal(second.y, model.runSync(row(2)).y);
  stillRight();
  const later = row(3);
  const running = model.run(later);
  (later.x.data as Float32Array).fill(9);
  assert.equal((await running).y, model.runSync(row(3)).y);
  assert.ok(second.y.data.buffer.byteLength === second.y.data.byteLength, 'no view of the whole memory');
});

test('an output that is an input, and one value under two names', async () => {
  const g = new GraphBuilder('same');
  const x = g.input('x', 'float32', [3]);
  const h = g.relu(x);
  g.output(h, 'a');
  g.output(h, 'b');
  g.output(x, 'c');
  const m = await load(compileGraph(g.build()).bytes);
  const out = m.runSync({ x: new Tensor('float32', [-1, 2, 3]) });
  assert.equal([...out.a.data], [0, 2, 3]);
  assert.equal([...out.b.data], [0, 2, 3]);
  assert.equal([...out.c.data], [-1, 2, 3]);
  (out.a.data as Float32Array).fill(7);
  assert.equal([...out.b.data], [0, 2, 3]);
});

test('profile has an entry with a time for each step', async () => {
  const m = await load(cnn);
  const entries = m.profile({ x: randomTensor([1, 3, 8, 9]) });
  assert.ok(entries.length >= 3);
  for (const entry of entries) {
    assert.ok(entry.ms === null || (entry.ms >= 0 && Number.isFinite(entry.ms)), `${entry.op}: ${entry.ms}`);
    assert.ok(entry.op !== '' && entry.kernel !== '' && entry.node !== '');
  }
  const convs = entries.filter(({ op }) => op === 'Conv');
  assert.is(convs.length, 2);
  assert.ok(
    convs.every(({ format, sparsity, macs }) => format && sparsity! > 0.5 && macs!.kept > 0 && macs!.dense > 0),
  );
});

test('a disposed model says so; runs that were called before it are done', async () => {
  const m = await load(mlp, { target: 'simd' });
  const before = m.run(row(1));
  m.dispose();
  m.dispose();
  assert.equal((await before).y, expected);
  await rejects(() => m.run(row(1)), 'DISPOSED', /disposed/);
  raises(() => m.runSync(row(1)), 'DISPOSED');
  raises(() => m.profile(row(1)), 'DISPOSED');
  stillRight();
});

test('two models do not disturb each other', async () => {
  const [a, b, c] = await Promise.all([load(mlp), load(mlp), load(cnn)]);
  const image = { x: randomTensor([1, 3, 8, 9]) };
  const ya = a.runSync(row(1)).y;
  const yc = c.runSync(image).y;
  for (let i = 0; i < 10; i++) {
    b.runSync(row(i));
    assert.equal(a.runSync(row(1)).y, ya);
    assert.equal(c.runSync(image).y, yc);
  }
  b.dispose();
  assert.equal(a.runSync(row(1)).y, ya);
});

test('a compiled module is taken instead of the bytes beside the runtime', async () => {
  const wasm = (variant: string) => readFileSync(new URL(`../../dist/wasm/zeroskip.${variant}.wasm`, import.meta.url));
  const module = await WebAssembly.compile(wasm('simd'));
  const m = await load(mlp, { module });
  assert.is(m.variant, 'simd');
  assert.equal(m.runSync(row(1)).y, expected);
  await rejects(
    () => load(mlp, { module, target: 'relaxed' }),
    hasRelaxedSimd() ? 'INVALID_ARGUMENT' : 'UNSUPPORTED_HOST',
  );
  await rejects(
    () => load(mlp, { module: moduleOf('simd-extra') }),
    'INVALID_ARGUMENT',
    /module is not a zeroskip build/,
  );
  const foreign = new WebAssembly.Module(Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0));
  await rejects(() => load(mlp, { module: foreign }), 'INVALID_ARGUMENT', /not a zeroskip build/);
});

test('a package with rare kernels takes the second module, and asks for it where load may not compile', async () => {
  const builder = new GraphBuilder('argmax');
  builder.output(builder.node('ArgMax', [builder.input('x', 'float32', [2, 3])], { axis: 1, keepdims: 0 }));
  const pkg = compileGraph(builder.build()).bytes;
  const feeds = { x: new Tensor('float32', Float32Array.of(0, 2, 1, 5, 4, 3), [2, 3]) };
  const module = moduleOf('simd');
  for (const options of [{}, { module, extra: moduleOf('simd-extra') }]) {
    const [output] = Object.values((await load(pkg, options)).runSync(feeds));
    assert.equal(output.data, BigInt64Array.of(1n, 0n));
  }
  await rejects(() => load(pkg, { module }), 'INVALID_ARGUMENT', /option extra/);
  await rejects(() => load(pkg, { module, extra: module }), 'INVALID_ARGUMENT', /extra is not a zeroskip build/);
});

test('the target of a package and of load have to agree', async () => {
  const g = () => {
    const builder = new GraphBuilder('relu');
    builder.output(builder.relu(builder.input('x', 'float32', [4])));
    return builder.build();
  };
  const simd = compileGraph(g(), { target: 'simd' }).bytes;
  assert.is((await load(simd)).variant, 'simd');
  await rejects(() => load(simd, { target: 'relaxed' }), 'INVALID_ARGUMENT', /'relaxed'.*'simd'/);
  const relaxed = compileGraph(g(), { target: 'relaxed' }).bytes;
  await rejects(() => load(relaxed, { target: 'simd' }), 'INVALID_ARGUMENT');
  if (!hasRelaxedSimd()) await rejects(() => load(relaxed), 'UNSUPPORTED_HOST', /relaxed SIMD/);
});

test('both engine classes give the same bits', async () => {
  for (const [file, feeds] of [
    [mlp, row(3)],
    [mlp, row(3, 4)],
    [cnn, { x: randomTensor([1, 3, 8, 9], 5) }],
  ] as const) {
    const [narrow, wide] = await Promise.all(
      (['narrow', 'wide'] as const).map((engine) => load(file, { target: 'simd', engine })),
    );
    assert.is(narrow.engine, 'narrow');
    assert.is(wide.engine, 'wide');
    assert.equal(narrow.runSync(feeds).y, wide.runSync(feeds).y);
  }
});

test.run();

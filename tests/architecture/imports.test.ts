import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { importsOf, sourcesIn, textOf } from '../support/sources.ts';

/** An import may only point to an earlier layer, or to its own. Files of one line are one layer. */
const LAYERS = [
  ['src/errors.ts', 'src/words.ts'],
  ['src/tensor.ts'],
  ['src/npy.ts', 'src/labels.ts'],
  ['src/arrays/'],
  ['src/sparse/'],
  ['src/graph/'],
  ['src/ops/'],
  ['src/onnx/'],
  ['src/passes/'],
  ['src/plan/'],
  ['src/package/'],
  ['src/runtime/'],
  ['src/image/', 'src/worker/', 'src/cache/'],
  ['src/host/'],
  ['src/report/'],
  ['src/calibrate/', 'src/tune.ts', 'src/compile.ts', 'src/inspect.ts', 'src/index.ts'],
  ['src/onnxruntime/'],
  ['src/prune/'],
  ['src/report/pruning/'],
  ['src/cli/'],
];

/** Interfaces of a later layer that an earlier one is handed: only their types are named there. */
const TYPES: Record<string, string> = {
  'src/graph/evaluate.ts': 'src/ops/op.ts',
  'src/graph/verify.ts': 'src/ops/op.ts',
  'src/plan/describe.ts': 'src/package/format.ts',
};

/** Folders that may name the ABI, which stands before all layers. */
const ABI_READERS = /^src\/(ops|plan|runtime|image)\/|^src\/package\/format\.ts$/;

/** The packages that each part may use. */
const PACKAGES: [RegExp, RegExp][] = [
  [/^src\/runtime\/host\/node\.ts$/, /^node:/],
  [/^src\/runtime\//, /^(@assemblyscript\/loader|#host)$/],
  [/^src\/(host|worker\/host|cache\/host)\/node\.ts$/, /^node:/],
  [/^src\/image\/module\.ts$/, /^#image-host$/],
  [/^src\/cache\/index\.ts$/, /^#cache-host$/],
  [/^src\/worker\/script\.ts$/, /^#worker-host$/],
  [/^src\/(compile|inspect|onnxruntime\/onnx)\.ts$/, /^#compiler-host$/],
  [/^src\/onnxruntime\//, /^onnxruntime-common$/],
  [/^src\/onnx\//, /^@bufbuild\/protobuf\/wire$/],
  [/^src\/arrays\/npz\.ts$/, /^fflate$/],
  [/^src\/report\/pruning\/draw\//, /^(@observablehq\/plot|linkedom|fflate)$/],
  [/^src\/cli\/recipe\.ts$/, /^yaml$/],
  [/^src\/cli\//, /^node:/],
];

/** The layer of a file: of folders in one another, the inner one counts. */
function layerOf(file: string): number {
  const own = LAYERS.flat().filter((part) => file.startsWith(part));
  const inner = own.sort((a, b) => b.length - a.length)[0];
  return LAYERS.findIndex((parts) => parts.includes(inner));
}

const files = sourcesIn('src');

test('every file belongs to a layer', () => {
  assert.equal(
    files.filter((file) => layerOf(file) < 0),
    [],
  );
});

test('imports point to earlier layers', () => {
  const wrong: string[] = [];
  for (const file of files) {
    for (const { target, typeOnly } of importsOf(file)) {
      if (!target.startsWith('src/')) continue;
      const allowed = layerOf(target) <= layerOf(file) || (typeOnly && TYPES[file] === target);
      if (!allowed) wrong.push(`${file} imports ${target}`);
    }
  }
  assert.equal(wrong, []);
});

test('every exception is needed', () => {
  for (const [file, target] of Object.entries(TYPES)) {
    assert.ok(
      importsOf(file).some((i) => i.typeOnly && i.target === target),
      `${file} imports types of ${target}`,
    );
  }
});

test('of assembly only the ABI is imported, by those who write or read records', () => {
  for (const file of files) {
    for (const { target } of importsOf(file).filter((i) => i.target.startsWith('assembly'))) {
      assert.match(target, /^assembly\/abi(\.ts$|\/)/, `${file} imports ${target}`);
      assert.match(file, ABI_READERS, `${file} imports ${target}`);
    }
  }
});

test('the runtime imports errors, tensor, the reading of packages and the ABI only', () => {
  const allowed = /^(src\/(errors|tensor)\.ts|src\/package\/(read|format|validate)\.ts|src\/runtime\/|assembly\/abi)/;
  for (const file of files.filter((f) => f.startsWith('src/runtime/'))) {
    for (const { target } of importsOf(file)) {
      if (/^(src|assembly)/.test(target)) assert.match(target, allowed, `${file} imports ${target}`);
    }
  }
});

test('packages are imported where they are needed, tests and bench nowhere', () => {
  for (const file of files) {
    for (const { target } of importsOf(file).filter((i) => !/^(src|assembly)\//.test(i.target))) {
      assert.ok(
        PACKAGES.some(([part, names]) => part.test(file) && names.test(target)),
        `${file} imports ${target}`,
      );
    }
  }
});

test('ARCHITECTURE.md lists the layers in this order', () => {
  const rows = [...textOf('ARCHITECTURE.md').matchAll(/^\| `(src\/[^|]*)\|/gm)].map(([, names]) => names);
  const listed = rows.flatMap((names) => [...names.matchAll(/[\w/]+(?:\.ts|\/)/g)].map(([name]) => name));
  const order = listed.map((name) => layerOf(name.startsWith('src/') ? name : `src/${name}`));
  assert.ok(rows.length >= 8, 'the table is found');
  assert.equal(
    order,
    order.toSorted((a, b) => a - b),
    `${listed}`,
  );
});

test.run();

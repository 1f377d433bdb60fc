import { gzipSync } from 'node:zlib';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { ZeroskipError } from '../../src/errors.ts';
import { importOnnx } from '../../src/onnx/import.ts';
import { OPS } from '../../src/ops/index.ts';
import { fakeOps } from '../support/fake_ops.ts';
import {
  attribute,
  blob,
  bytes,
  floatAttr,
  floats,
  info,
  int,
  intAttr,
  ints,
  intsAttr,
  model,
  node,
  sparseTensor,
  sub,
  tensorAttr,
  text,
} from '../support/onnx_bytes.ts';
import { raises } from '../support/raises.ts';

const ops = new Map([...fakeOps('Conv', 'Add', 'Relu', 'Clip', 'Reshape'), ...OPS]);
const from = (data: Uint8Array, file?: string) => importOnnx(data, { ops, file });

const small = (opset: number): Uint8Array =>
  model({
    opset,
    nodes: [
      node('Conv', ['x', 'w'], ['c'], { name: 'conv', attrs: [intsAttr('pads', [1, 1, 1, 1]), intAttr('group', 1)] }),
      node('Constant', [], ['shape'], { attrs: [tensorAttr('value', ints('', [2], [1, -1]))] }),
      node('Clip', ['c'], ['d'], {
        attrs: [floatAttr('min', 0), floatAttr('max', 6), attribute('s', 3, text(4, 'é'))],
      }),
      node('Add', ['d', 's'], ['e']),
      node('Reshape', ['e', 'shape'], ['y']),
    ],
    initializers: [floats('w', [1, 1, 3, 3], [1, 2, 3, 4, 5, 6, 7, 8, 9])],
    sparse: [sparseTensor(floats('s', [1], [2]), ints('', [1, 1], [3]), [4])],
    inputs: [info('x', ['n', 1, 4, 4])],
    outputs: [info('y', ['n', null])],
    extra: [sub(14, text(1, 'k'), text(2, 'v'))],
  });

/** A graph, or a ZeroskipError with a sentence; anything else fails. */
function outcome(data: Uint8Array, what: string): 'graph' | 'error' {
  try {
    from(data);
    return 'graph';
  } catch (error) {
    if (!(error instanceof ZeroskipError)) throw new Error(`${what}: ${(error as Error)?.stack}`);
    assert.ok(['INVALID_MODEL', 'UNSUPPORTED_OP', 'FILE_ERROR'].includes(error.code), `${what}: ${error.code}`);
    assert.ok(error.message.length > 20 && error.message.length < 5000, what);
    return 'error';
  }
}

/** Numbers in [0, below) from a fixed seed. */
function random(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

test('the model itself is fine', () => {
  assert.is(outcome(small(13), 'opset 13'), 'graph');
  assert.is(outcome(small(10), 'opset 10'), 'graph');
});

test('every prefix', () => {
  const whole = small(13);
  const outcomes = new Set<string>();
  for (let length = 0; length < whole.length; length++)
    outcomes.add(outcome(whole.slice(0, length), `the first ${length} bytes`));
  assert.ok(outcomes.has('error'));
  raises(() => from(whole.subarray(0, 200)), 'INVALID_MODEL', /truncated or damaged/);
});

test('flipped bytes', () => {
  const below = random(1);
  const counts = { graph: 0, error: 0 };
  for (const whole of [small(13), small(10)]) {
    for (let round = 0; round < 5000; round++) {
      const damaged = whole.slice();
      for (let flips = 1 + below(4); flips > 0; flips--) damaged[below(damaged.length)] = below(256);
      counts[outcome(damaged, `round ${round}`)]++;
    }
  }
  assert.ok(counts.graph > 500 && counts.error > 500, JSON.stringify(counts));
});

test('bytes put in and taken out', () => {
  const below = random(2);
  const whole = small(13);
  for (let round = 0; round < 3000; round++) {
    const at = below(whole.length);
    const cut = below(8);
    const put = Uint8Array.from({ length: below(8) }, () => below(256));
    outcome(Uint8Array.from([...whole.subarray(0, at), ...put, ...whole.subarray(at + cut)]), `round ${round}`);
  }
});

test('noise', () => {
  const below = random(3);
  for (let round = 0; round < 2000; round++)
    outcome(
      Uint8Array.from({ length: below(300) }, () => below(256)),
      `round ${round}`,
    );
});

test('declared lengths beyond the file', () => {
  const beyond = [0x08, 7, 0x3a, 0xff, 0xff, 0xff, 0xff, 0x0f];
  raises(() => from(Uint8Array.from(beyond)), 'INVALID_MODEL', /truncated/);
  raises(() => from(Uint8Array.from([0x08, ...new Array(20).fill(0xff)])), 'INVALID_MODEL');
});

test('groups within groups', () => {
  raises(() => from(new Uint8Array(1_000_000).fill(0x83)), 'INVALID_MODEL');
  raises(() => from(new Uint8Array(1_000_000).fill((16 << 3) | 3)), 'INVALID_MODEL');
});

test('subgraphs within subgraphs', () => {
  let body = bytes(text(2, 'g'));
  for (let depth = 0; depth < 2000; depth++)
    body = bytes(sub(1, text(4, 'If'), sub(5, text(1, 'then_branch'), blob(6, body), int(20, 5))));
  const nodes = [node('If', ['x'], ['y'], { name: 'deep', attrs: [attribute('then_branch', 5, blob(6, body))] })];
  const data = model({ nodes, inputs: [info('x', [1])], outputs: [info('y', [1])] });
  raises(() => from(data), 'INVALID_MODEL', /then_branch of If 'deep'|If '' has one input/);
});

test('files that plainly are something else', () => {
  const latin = (s: string) => Uint8Array.from(s, (c) => c.charCodeAt(0));
  const cases: [Uint8Array, RegExp][] = [
    [gzipSync(small(13)), /a gzip file/],
    [latin('\x1c\0\0\0TFL3\x14\0\0\0'), /TensorFlow Lite/],
    [latin('ZSK1\x01\0\0\0'), /a zeroskip package/],
    [latin('<!DOCTYPE html><html>'), /HTML/],
    [latin('\n  <html>'), /HTML/],
    [latin('PK\x03\x04\x14\0'), /zip file/],
    [latin('{"format": "layers-model"}'), /JSON/],
    [latin('\x10\0\0\0\0\0\0\0{"w":{}}'), /safetensors/],
    [latin('version https://git-lfs.github.com/spec/v1\n'), /Git LFS/],
    [latin('\x89HDF\r\n\x1a\n'), /HDF5/],
    [latin('\x93NUMPY\x01\0'), /NumPy/],
    [latin('\x80\x02}q\0.'), /pickle/],
    [latin('\x08\0\0\0ORTM\0\0'), /ORT format/],
  ];
  for (const [data, pattern] of cases)
    raises(() => from(data, 'net.onnx'), 'INVALID_MODEL', /^net\.onnx: not an ONNX model but /, pattern);
  raises(() => from(new Uint8Array(0), 'net.onnx'), 'INVALID_MODEL', /^net\.onnx: the file is empty$/);
  raises(() => from(bytes(int(1, 7))), 'INVALID_MODEL', /no graph/);
  raises(() => from(undefined as unknown as Uint8Array), 'INVALID_ARGUMENT', /Uint8Array/);
});

test('a name that a sniffer would take for another format does not matter', () => {
  const graph = sub(7, sub(11, ...info('x', [1])), sub(12, ...info('x', [1])));
  const data = bytes(int(1, 8), text(2, 'TFL3'), sub(8, int(2, 13)), graph);
  assert.is(String.fromCharCode(...data.subarray(4, 8)), 'TFL3');
  assert.is(from(data).metadata.producer_name, 'TFL3');
});

test.run();

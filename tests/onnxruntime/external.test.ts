import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import * as ort from '../../src/onnxruntime/index.ts';
import { FLOAT, info, int, model, node, sub, tensor, text } from '../support/onnx_bytes.ts';
import { rejects } from '../support/rejects.ts';

const EXTERNAL = int(14, 1);
const location = (name: string) => sub(13, text(1, 'location'), text(2, name));

/** `y = x + w`, with the two numbers of `w` in the file `data/weights.bin`. */
const onnx = model({
  initializers: [tensor('w', FLOAT, [2], location('./data/weights.bin'), EXTERNAL)],
  nodes: [node('Add', ['x', 'w'], ['y'])],
  inputs: [info('x', [2])],
  outputs: [info('y', [2])],
});
const weights = new Uint8Array(Float32Array.of(10, 20).buffer);
const FILE = 'data/weights.bin';

const folder = mkdtempSync(join(tmpdir(), 'zeroskip-'));
const path = join(folder, 'model.onnx');
const beside = join(folder, FILE);
mkdirSync(join(folder, 'data'));
writeFileSync(path, onnx);
writeFileSync(beside, weights);

async function sumOf(source: string | Uint8Array, externalData?: readonly ort.ExternalDataFileType[]) {
  const session = await ort.InferenceSession.create(source as string, { externalData });
  const { y } = await session.run({ x: new ort.Tensor('float32', [1, 2], [2]) });
  return [...(y.data as Float32Array)];
}

test('weights in a file beside the model are found', async () => {
  assert.equal(await sumOf(path), [11, 22]);
});

test('weights are given in any form that onnxruntime takes', async () => {
  const forms: ort.FileType[] = [weights, weights.slice().buffer, new Blob([weights]), beside];
  for (const data of forms) {
    assert.equal(await sumOf(onnx, [{ path: FILE, data }]), [11, 22]);
    assert.equal(await sumOf(onnx, [{ path: `./${FILE}`, data }]), [11, 22]);
  }
});

test('given weights come before those beside the model', async () => {
  const data = new Uint8Array(Float32Array.of(100, 200).buffer);
  assert.equal(await sumOf(path, [{ path: FILE, data }]), [101, 202]);
});

test('weights that are not given are asked for', async () => {
  await rejects(() => sumOf(onnx), 'FILE_ERROR', /data\/weights\.bin/, /externalData/);
  await rejects(() => sumOf(onnx, [{ path: 'weights.bin', data: weights }]), 'FILE_ERROR', /externalData/);
  await rejects(() => sumOf(onnx, ['absent.bin']), 'FILE_ERROR', /absent\.bin/);
  const server = createServer((_, response) => response.end(onnx)).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/model.onnx`;
  await rejects(() => sumOf(url), 'FILE_ERROR', /model\.onnx/, /externalData/);
  assert.equal(await sumOf(url, [{ path: FILE, data: weights }]), [11, 22]);
  server.close();
});

test.after(() => rmSync(folder, { recursive: true }));

test.run();

import { readFileSync } from 'node:fs';
import type { ServerResponse } from 'node:http';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { load } from '../../src/runtime/index.ts';
import { randomTensor } from '../support/graphs.ts';
import { mlpPackage } from '../support/nets.ts';
import { serve } from '../support/serve.ts';
import { root } from '../support/sources.ts';
import { webRuntime } from '../support/web_runtime.ts';

const bytes = mlpPackage();
const feeds = { x: randomTensor([1, 12]) };
const expected = (await load(bytes)).runSync(feeds).y;

type Answer = (response: ServerResponse, file: Buffer) => void;

const right: Answer = (response, file) => response.writeHead(200, { 'content-type': 'application/wasm' }).end(file);

/** Loads with a server that gives `answers` to the requests for kernels, one after the other; returns how many it has given. */
async function withKernels(
  answers: readonly Answer[],
  use: (runtime: Awaited<ReturnType<typeof webRuntime>>) => Promise<void>,
): Promise<number> {
  let requests = 0;
  const server = await serve((path, response) => {
    const file = readFileSync(join(root, path));
    answers[Math.min(requests++, answers.length - 1)](response, file);
  });
  try {
    await use(await webRuntime(server.base));
  } finally {
    server.close();
  }
  return requests;
}

test('kernels come once, whatever type the server declares them to be', async () => {
  const plain: Answer = (response, file) => response.writeHead(200, { 'content-type': 'text/plain' }).end(file);
  const untyped: Answer = (response, file) => response.writeHead(200).end(file);
  const typed: Answer = (response, file) =>
    response.writeHead(200, { 'content-type': 'application/wasm; charset=utf-8' }).end(file);
  for (const answer of [right, plain, untyped, typed]) {
    const requests = await withKernels([answer], async (runtime) => {
      for (let i = 0; i < 2; i++) {
        const { data } = (await runtime.load(bytes)).runSync(feeds).y;
        assert.equal(data, expected.data);
      }
    });
    assert.is(requests, 1);
  }
});

const page = '<!doctype html><title>404</title>';
const faults: Record<string, [Answer, RegExp]> = {
  'an HTTP status': [(response) => response.writeHead(404).end(page), /zeroskip\.\w+\.wasm: HTTP status 404/],
  'a page': [
    (response) => response.writeHead(200, { 'content-type': 'text/html' }).end(page),
    /kernels cannot be loaded/,
  ],
  'a page that is called Wasm': [
    (response) => response.writeHead(200, { 'content-type': 'application/wasm' }).end(page),
    /kernels cannot be loaded/,
  ],
  'a cut connection': [
    (response, file) => {
      response.writeHead(200, { 'content-type': 'application/wasm', 'content-length': file.length });
      response.write(file.subarray(0, 5000), () => response.destroy());
    },
    /kernels cannot be loaded/,
  ],
  'half a file': [(response, file) => right(response, file.subarray(0, 5000)), /kernels cannot be loaded/],
};

for (const [name, [fault, message]] of Object.entries(faults)) {
  test(`${name} instead of the kernels is an error, and the next load asks again`, async () => {
    const requests = await withKernels([fault, right], async (runtime) => {
      const error = await runtime.load(bytes).then(
        () => undefined,
        (raised: Error) => raised,
      );
      assert.instance(error, runtime.ZeroskipError);
      assert.is((error as { code?: string }).code, 'FILE_ERROR');
      assert.match(error!.message, message);
      assert.match(error!.message, /compiled ones as module/);
      const { data } = (await runtime.load(bytes)).runSync(feeds).y;
      assert.equal(data, expected.data);
    });
    assert.is(requests, 2);
  });
}

test('a server that is not there', async () => {
  const { base, close } = await serve(() => undefined);
  close();
  const runtime = await webRuntime(base);
  const error = await runtime.load(bytes).catch((raised: unknown) => raised as { code: string });
  assert.is((error as { code: string }).code, 'FILE_ERROR');
});

test.run();

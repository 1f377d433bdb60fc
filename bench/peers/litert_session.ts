import { ensure } from '../../src/errors.ts';
import type { BenchNet } from '../nets/index.ts';
import { asWorker, packageFolder, packageVersion } from './host.ts';
import type { ChannelsLast } from './layer.ts';
import { copyFor, importLiteRt } from './litert_import.ts';
import { toChannelsFirst, toChannelsLast } from './order.ts';
import type { Session } from './runtime.ts';
import { type FileOptions, toTflite } from './tflite/ops.ts';

const PACKAGE = '@litertjs/core';

export const litertVersion = (): string => packageVersion(PACKAGE);

/** `copy` names the copy of LiteRT.js to use. */
export interface LiteRtOptions extends FileOptions {
  copy: string;
}

type LiteRt = typeof import('@litertjs/core');

/** A copy of LiteRT.js and the errors that it printed. */
interface Copy {
  litert: LiteRt;
  errors: string[];
}

const copies = new Map<string, Promise<Copy>>();

/** LiteRT.js with its Wasm module: the relaxed SIMD build where the host has it, otherwise the one called `compat`. */
async function load(copy: string): Promise<Copy> {
  const errors: string[] = [];
  const onLine = (line: string) => void (line.startsWith('ERROR') && errors.push(line));
  const litert = await asWorker(async () => {
    const imported = await importLiteRt(copy);
    // It looks for a GPU and warns that there is none.
    const { warn } = console;
    console.warn = () => undefined;
    try {
      await imported.loadLiteRt(`${packageFolder(PACKAGE)}wasm/`);
    } finally {
      console.warn = warn;
    }
    return imported;
  }, onLine);
  return { litert, errors };
}

function loadedCopy(name: string): Promise<Copy> {
  const copy = copyFor(name);
  const loading = copies.get(copy) ?? load(copy);
  copies.set(copy, loading);
  return loading;
}

/** Gives the memory of a copy back if it is separate; its sessions are disposed of. */
export async function unloadLiteRt(copy: string): Promise<void> {
  if (copyFor(copy) !== copy) return;
  const loaded = await copies.get(copy);
  copies.delete(copy);
  loaded?.litert.unloadLiteRt();
}

/** Writes `network`, the layers of `net`, as a TFLite file and compiles it for XNNPACK in Wasm, one thread. The input stays in Wasm memory. */
export async function openLiteRt(
  net: BenchNet,
  network: ChannelsLast,
  { copy, ...options }: LiteRtOptions,
): Promise<Session> {
  const { litert, errors } = await loadedCopy(copy);
  const file = toTflite(network, options);
  const model = await litert.loadAndCompile(file, { accelerator: 'wasm', cpuOptions: { numThreads: 1 } });
  // It goes on after errors, with outputs that are not computed.
  const found = errors.splice(0).join('; ');
  ensure(found === '', 'OUT_OF_MEMORY', () => `LiteRT.js cannot take a file of ${file.length} bytes: ${found}`);
  const shape = [...network.shapes.get(network.input)!];
  const input = new litert.Tensor(toChannelsLast(net.data(), net.input.dims), shape);
  let last = new Float32Array();
  return {
    async run() {
      const [output] = await model.run([input]);
      last = output.toTypedArray() as Float32Array<ArrayBuffer>;
      output.delete();
    },
    output: () => toChannelsFirst(last, network.shapes.get(network.output)!),
    bytes: file.length,
    dispose() {
      input.delete();
      model.delete();
    },
  };
}

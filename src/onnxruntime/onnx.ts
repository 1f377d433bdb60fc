import { readExternal } from '#compiler-host';
import { type CompileOptions, checkOptions, compileTuned } from '../compile.ts';
import { ensure, ZeroskipError } from '../errors.ts';
import { Editor } from '../graph/edit.ts';
import type { Graph } from '../graph/ir.ts';
import { importOnnx } from '../onnx/import.ts';
import { OPS } from '../ops/index.ts';
import { withOutputDims } from '../passes/output_dims.ts';
import type { Feeds } from '../runtime/feeds.ts';
import { load } from '../runtime/load.ts';
import type { Model } from '../runtime/model.ts';
import { showDims } from '../tensor.ts';
import { type ExternalFiles, readExternalFiles } from './external.ts';
import type { Network } from './network.ts';
import type { Settings } from './options.ts';
import type { Port } from './tensors.ts';

/** A loaded package, and the sets of input dims that it has plans for. */
interface Entry {
  model: Model;
  keys: string[];
}

/**
 * An ONNX model. It is compiled at once where all dims of its inputs are known, or for the `shapes` of the options, and otherwise by the first
 * run with new dims.
 *
 * @param location where the bytes come from, unless the caller has them
 * @throws ZeroskipError `INVALID_MODEL`, `UNSUPPORTED_OP`, `FILE_ERROR`, `INVALID_ARGUMENT`, and what `compile` and `load` throw
 */
export async function openOnnx(bytes: Uint8Array, settings: Settings, location?: string): Promise<Network> {
  checkOptions(settings.compile);
  const files = await readExternalFiles(settings.externalData);
  // Constants stay views of the file, which the caller may write to or transfer.
  const own = location === undefined ? new Uint8Array(bytes) : bytes;
  const graph = importOnnx(own, { ops: OPS, file: location, externalData: (file) => external(files, file, location) });
  bindDimensions(graph, settings.freeDimensions);
  const network = new OnnxNetwork(withOutputDims(graph, OPS), settings);
  const { shapes } = settings.compile;
  const bound = network.inputs.every(({ dims }) => dims?.every((d) => typeof d === 'number'));
  if (shapes || bound) await network.compile(shapes);
  if (bound) network.close();
  return network;
}

class OnnxNetwork implements Network {
  readonly inputs: readonly Port[];
  readonly outputs: readonly Port[];
  private readonly settings: Settings;
  /** Undefined once nothing more will be compiled. */
  private graph: Graph | undefined;
  /** Least recently used first. */
  private readonly entries: Entry[] = [];
  private disposed = false;

  constructor(graph: Graph, settings: Settings) {
    const port = (name: string): Port => {
      const { type, dims } = graph.values.get(name)!;
      return { name, type, dims };
    };
    const { values = {} } = settings.compile;
    this.graph = graph;
    this.settings = settings;
    this.inputs = graph.inputs.filter((name) => !Object.hasOwn(values, name)).map(port);
    this.outputs = graph.outputs.map(port);
  }

  ready(feeds: Feeds): Model | undefined {
    if (!this.graph) return this.entries.at(-1)?.model;
    const key = this.keyOf(this.inputs.map(({ name }) => feeds[name].dims));
    const at = this.entries.findIndex(({ keys }) => keys.includes(key));
    if (at < 0) return undefined;
    const [entry] = this.entries.splice(at, 1);
    this.entries.push(entry);
    return entry.model;
  }

  async prepare(feeds: Feeds): Promise<Model> {
    const ready = this.ready(feeds);
    if (ready) return ready;
    const dims = this.inputs.map((port): [string, number[]] => [
      port.name,
      [...expectDims(port, feeds[port.name].dims)],
    ]);
    return this.compile(Object.fromEntries(dims));
  }

  /** Compiles for these shapes; the model used longest ago makes room. */
  async compile(shapes: CompileOptions['shapes']): Promise<Model> {
    const { compile, load: options, cacheSize } = this.settings;
    const { bytes, manifest } = await compileTuned(this.graph!, { ...compile, shapes });
    const model = await load(bytes, options);
    this.entries.push({ model, keys: manifest.plans.map(({ inputs }) => this.keyOf(inputs)) });
    while (this.entries.length > (this.disposed ? 0 : cacheSize)) this.entries.shift()!.model.dispose();
    return model;
  }

  /** Lets go of the graph. */
  close(): void {
    this.graph = undefined;
  }

  dispose(): void {
    this.disposed = true;
    for (const { model } of this.entries.splice(0)) model.dispose();
  }

  private keyOf(dims: readonly (readonly number[])[]): string {
    return dims.map((d) => d.join('x')).join();
  }
}

function expectDims({ name, dims: declared }: Port, dims: readonly number[]): readonly number[] {
  const fits =
    dims.every((d) => Number.isSafeInteger(d) && d > 0) &&
    (!declared ||
      (declared.length === dims.length && declared.every((d, i) => typeof d === 'string' || d === dims[i])));
  ensure(
    fits,
    'SHAPE_MISMATCH',
    () => `run: input '${name}' has dims ${showDims(declared ?? ['any'])} of at least 1, found ${showDims(dims)}`,
  );
  return dims;
}

/** Gives symbolic dimensions of inputs and outputs the sizes of the session's options; names that the model does not have are passed over. */
function bindDimensions(graph: Graph, sizes: Settings['freeDimensions']): void {
  const edit = new Editor(graph);
  for (const name of [...graph.inputs, ...graph.outputs]) {
    const { dims } = graph.values.get(name)!;
    if (dims) edit.setValue(name, { dims: dims.map((d) => sizes.get(String(d)) ?? d) });
  }
}

function external(files: ExternalFiles, file: string, location: string | undefined): Uint8Array {
  const given = files.get(file);
  if (given) return given;
  if (location !== undefined && !/^(https?|data|blob):/.test(location)) return readExternal(location, file);
  throw new ZeroskipError(
    'FILE_ERROR',
    `${location ?? 'ONNX model'}: its data in '${file}' are needed: list them in the session option externalData`,
  );
}

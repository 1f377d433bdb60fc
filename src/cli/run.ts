import { ensure } from '../errors.ts';
import { readBytes } from '../host/node.ts';
import type { PlanInfo } from '../package/format.ts';
import { type Package, readPackage } from '../package/read.ts';
import type { Feeds } from '../runtime/feeds.ts';
import { load } from '../runtime/load.ts';
import { numbersOf, sameDims, showDims, type Tensor } from '../tensor.ts';
import type { Args } from './args.ts';
import type { Command } from './command.ts';
import { expectFolder, fileName, writeFolder } from './files.ts';
import { duration } from './format.ts';
import { namedValues } from './named.ts';
import { formatNpy, readNpy } from './npy.ts';
import { randomTensor, uniform } from './random.ts';
import { inFile } from './source.ts';
import { table } from './table.ts';

/** `zeroskip run` */
export const run: Command = {
  name: 'run',
  summary: 'run a package on .npy files',
  usage: 'PACKAGE --input NAME=FILE.npy … --output DIR [options]',
  options: {
    input: {
      type: 'string',
      short: 'i',
      multiple: true,
      value: 'NAME=FILE.npy',
      help: 'an input; NAME= may be left out where there is one input only',
    },
    output: {
      type: 'string',
      short: 'o',
      value: 'DIR',
      help: 'directory for the outputs, one .npy file each; without it only their ranges are printed',
    },
    random: { type: 'string', value: 'SEED', help: 'random data for the inputs that are not given' },
    target: {
      type: 'string',
      value: 'simd|relaxed',
      help: 'Wasm build to use (default: relaxed where host and package allow it)',
    },
  },
  details: [
    'The file of an output is its name with every byte outside [A-Za-z0-9._-] (and a leading dot) percent-encoded, and .npy. Either all ' +
      'outputs are written or none.',
  ],
  examples: [
    'zeroskip run model.zsk --input digit.npy --output results',
    'zeroskip run model.zsk --input tokens=tokens.npy --input mask=mask.npy --output results',
    'zeroskip run model.zsk --random 1',
  ],
  async run(args) {
    const path = args.only('PACKAGE');
    const output = args.string('output');
    const seed = args.number('random', 0, true);
    const target = args.choice('target', ['simd', 'relaxed']);
    if (output !== undefined) expectFolder(output);
    const file = await readBytes(path);
    const pkg = await inFile(path, () => readPackage(file));
    const feeds = await readFeeds(args, pkg);
    if (seed !== undefined) fillRandom(feeds, pkg, seed);
    const model = await inFile(path, () => load(file, { target }));
    const started = performance.now();
    const outputs = model.runSync(feeds);
    const ms = performance.now() - started;
    const there = model.outputs.filter(({ name }) => outputs[name]);
    const absent = model.outputs.filter(({ name }) => !outputs[name]).map(({ name }) => name);
    const rows = there.map(({ name }) => describe(name, outputs[name]));
    if (output !== undefined) write(output, outputs);
    return {
      facts: {
        package: path,
        target: model.variant,
        engine: model.engine,
        inputs: model.inputs.map(({ name, type }) => ({ name, type, dims: feeds[name].dims })),
        outputs: rows.map((row) => (output === undefined ? row : { ...row, file: `${fileName(row.name)}.npy` })),
        directory: output,
        ...(absent.length > 0 && { absent }),
        ms,
      },
      text: [
        ...table(
          [
            { title: 'output', least: 12 },
            { title: 'type' },
            { title: 'shape' },
            { title: 'min', right: true },
            { title: 'max', right: true },
            { title: 'file', least: 16 },
          ],
          rows.map(({ name, type, dims, min, max }) => [
            name,
            type,
            showDims(dims),
            showNumber(min),
            showNumber(max),
            output === undefined ? '(not written)' : `${output}/${fileName(name)}.npy`,
          ]),
        ),
        ...(absent.length > 0 ? [`not computed, an exit was taken: ${absent.join(', ')}`] : []),
        '',
        `${model.variant} build, first run ${duration(ms)}`,
      ].join('\n'),
    };
  },
};

async function readFeeds(args: Args, { manifest }: Package): Promise<Record<string, Feeds[string]>> {
  const feeds: Record<string, Tensor> = Object.create(null);
  const names = manifest.inputs.map(({ name }) => name);
  for (const [name, file] of namedValues('input', args.strings('input'), names)) feeds[name] = await readNpy(file);
  return feeds;
}

/** Random tensors for the missing inputs, of the dims of the first plan that fits the given ones. */
function fillRandom(feeds: Record<string, Feeds[string]>, { manifest }: Package, seed: number): void {
  const fits = ({ inputs }: PlanInfo): boolean =>
    manifest.inputs.every(({ name }, i) => !feeds[name] || sameDims(feeds[name].dims, inputs[i]));
  const plan = manifest.plans.find(fits);
  // Without such a plan the run itself says which plans there are.
  const { inputs } = plan ?? manifest.plans[0];
  const next = uniform(seed);
  manifest.inputs.forEach(({ name, type }, i) => {
    feeds[name] ??= randomTensor(type, inputs[i], next);
  });
}

function describe(name: string, tensor: Tensor) {
  let min = Number.POSITIVE_INFINITY;
  let max = Number.NEGATIVE_INFINITY;
  let nan = 0;
  const numbers = tensor.type === 'float16' ? [] : numbersOf(tensor);
  for (const x of numbers) {
    if (Number.isNaN(x)) nan++;
    min = Math.min(min, Number.isNaN(x) ? min : x);
    max = Math.max(max, Number.isNaN(x) ? max : x);
  }
  const known = min <= max;
  return { name, type: tensor.type, dims: tensor.dims, min: known ? min : null, max: known ? max : null, nan };
}

const showNumber = (x: number | null): string => (x === null ? '-' : String(Number(x.toPrecision(6))));

function write(folder: string, outputs: Record<string, Tensor>): void {
  const files = Object.entries(outputs).map(([name, tensor]) => ({
    name: `${fileName(name)}.npy`,
    bytes: formatNpy(tensor),
  }));
  const same = files.find(
    ({ name }, i) => files.findIndex((other) => other.name.toLowerCase() === name.toLowerCase()) !== i,
  );
  ensure(!same, 'FILE_ERROR', () => `two outputs would be written to the same file '${same?.name}'`);
  writeFolder(folder, files);
}

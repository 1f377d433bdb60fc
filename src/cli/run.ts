import { ensure } from '../errors.ts';
import { readBytes } from '../host/node.ts';
import { toNpy } from '../npy.ts';
import { readPackage } from '../package/read.ts';
import { load } from '../runtime/load.ts';
import { numbersOf, showDims, type Tensor } from '../tensor.ts';
import type { Command } from './command.ts';
import { FEED_OPTIONS, feedsFrom } from './feeds.ts';
import { expectFolder, fileName, writeFolder } from './files.ts';
import { duration } from './format.ts';
import { inFile } from './source.ts';
import { table } from './table.ts';

/** `zeroskip run` */
export const run: Command = {
  name: 'run',
  summary: 'run a package on .npy files',
  usage: 'PACKAGE --input NAME=FILE.npy … --output DIR [options]',
  options: {
    ...FEED_OPTIONS,
    output: {
      type: 'string',
      short: 'o',
      value: 'DIR',
      help: 'directory for the outputs, one .npy file each; without it only their ranges are printed',
    },
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
    const target = args.choice('target', ['simd', 'relaxed']);
    if (output !== undefined) expectFolder(output);
    const file = await readBytes(path);
    const pkg = await inFile(path, () => readPackage(file));
    const feeds = await feedsFrom(args, pkg);
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
    bytes: toNpy(tensor),
  }));
  const same = files.find(
    ({ name }, i) => files.findIndex((other) => other.name.toLowerCase() === name.toLowerCase()) !== i,
  );
  ensure(!same, 'FILE_ERROR', () => `two outputs would be written to the same file '${same?.name}'`);
  writeFolder(folder, files);
}

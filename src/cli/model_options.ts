import type { CompileOptions } from '../compile.ts';
import { ensure, ZeroskipError } from '../errors.ts';
import { readBytes } from '../host/node.ts';
import { checkMasks, type MaskOptions } from '../passes/mask_options.ts';
import type { Tensor } from '../tensor.ts';
import type { Args, OptionSpecs } from './args.ts';
import { readArrays, readNpy } from './arrays.ts';
import { readExits } from './exits.ts';
import { namedValues } from './named.ts';
import { UsageError } from './usage.ts';

/** Options of `compile`, which commands that take a MODEL share. */
export const MODEL_OPTIONS: OptionSpecs = {
  shape: {
    type: 'string',
    multiple: true,
    value: 'NAME=DIMS',
    help: 'dims of an input in all plans, such as input=1x3x224x224',
  },
  plan: {
    type: 'string',
    multiple: true,
    value: 'NAME=DIMS,…',
    help: 'one more plan: dims of inputs in this plan; repeat it for several plans',
  },
  value: { type: 'string', multiple: true, value: 'NAME=FILE.npy', help: 'fix an input at compile time' },
  sparse: { type: 'string', value: 'auto|off', help: 'off: store and multiply the zeros too, for comparison' },
  masks: {
    type: 'string',
    value: 'FILE.json',
    help: 'regions to compute only in the blocks of the image where a mask says so: a list of { nodes, mask, block, … }',
  },
  skip: {
    type: 'string',
    value: 'auto|off|T',
    help: 'what an input makes zero: auto skips it where that pays, off does not, T counts |x| <= T as zero (an approximation)',
  },
  exits: {
    type: 'string',
    multiple: true,
    value: 'NAME=T|FILE.json',
    help: 'an early exit: a run ends once output NAME has a class above T in every row; repeat it for several, or list them in a file',
  },
  tune: {
    type: 'boolean',
    help: 'time the candidate kernels of every layer on this machine instead of modelling them',
  },
  calibrate: {
    type: 'string',
    value: 'FILE.npz',
    help: 'run samples of the inputs and count the zeros they make, to skip them where it pays',
  },
};

export const SHAPE_DETAILS =
  'Dimensions that the model leaves open are bound by --shape (for all plans) and --plan (a plan each; it overrides --shape). Without ' +
  'either, an open batch dimension is 1. A package runs exactly the shapes of its plans, which share their weights. NAME= may be left ' +
  'out where the model has one input; an input of rank 0 has the DIMS scalar.';

/** Dims of inputs in all plans, from --shape. */
export const shapeOption = (args: Args, inputs: readonly string[]): Record<string, number[]> =>
  parseShapes('shape', args.strings('shape'), inputs);

/** What the options say to `compile`. `inputs` are the names of the model's inputs. */
export async function modelOptions(args: Args, inputs: readonly string[]): Promise<CompileOptions> {
  const shape = shapeOption(args, inputs);
  const plans = args
    .strings('plan')
    .map((plan) => ({ ...shape, ...parseShapes('plan', plan.split(PLAN_SEPARATOR), inputs) }));
  const values: Record<string, Tensor> = Object.create(null);
  for (const [name, file] of namedValues('value', args.strings('value'), inputs)) values[name] = await readNpy(file);
  const masks = args.string('masks');
  const data = args.string('calibrate');
  const free = inputs.filter((name) => !Object.hasOwn(values, name));
  return {
    shapes: plans.length > 0 ? plans : shape,
    values,
    sparse: args.choice('sparse', ['auto', 'off']),
    skip: skipOf(args),
    exits: await readExits(args.strings('exits')),
    tune: args.flag('tune'),
    ...(masks !== undefined && { masks: await readMasks(masks) }),
    calibrate: data === undefined ? undefined : await readArrays(data, free),
  };
}

/** The option `masks` of `compile` in a JSON file. */
async function readMasks(path: string): Promise<readonly MaskOptions[]> {
  const text = new TextDecoder().decode(await readBytes(path));
  let masks: unknown;
  try {
    masks = JSON.parse(text);
  } catch (cause) {
    throw new ZeroskipError('INVALID_ARGUMENT', `${path} is not JSON: ${(cause as Error).message}`, { cause });
  }
  checkMasks(masks, path);
  return masks;
}

function skipOf(args: Args): CompileOptions['skip'] {
  const text = args.string('skip');
  if (text === undefined || text === 'auto' || text === 'off') return text;
  const value = text.trim() === '' ? Number.NaN : Number(text);
  if (Number.isFinite(value) && value >= 0) return value;
  throw new UsageError(`--skip is auto, off or a number of at least 0, found '${text}'`);
}

/** A package cannot be compiled any more. */
export function refuseModelOptions(args: Args, specs: OptionSpecs, path: string): void {
  for (const [name, { multiple }] of Object.entries(specs)) {
    const given = multiple ? args.strings(name).length > 0 : (args.string(name) ?? args.flag(name)) !== undefined;
    ensure(!given, 'INVALID_ARGUMENT', () => `--${name} is for models, ${path} is a package and compiled already`);
  }
}

/** Commas behind dims; others belong to names. */
const PLAN_SEPARATOR = /(?<=(?:^|=)(?:\d+(?:x\d+)*|scalar)),/;

function parseShapes(option: string, texts: readonly string[], inputs: readonly string[]): Record<string, number[]> {
  const shapes: Record<string, number[]> = Object.create(null);
  for (const [name, dims] of namedValues(option, texts, inputs)) {
    if (!/^(\d+(x\d+)*|scalar)$/.test(dims)) {
      throw new UsageError(`--${option}: dims such as 1x3x224x224 are expected for input '${name}', found '${dims}'`);
    }
    shapes[name] = dims === 'scalar' ? [] : dims.split('x').map(Number);
  }
  return shapes;
}

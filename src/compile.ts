import { readBytes, readExternal } from '#compiler-host';
import { type Apoz, type ApozOptions, apozOf } from './calibrate/apoz.ts';
import { calibrate } from './calibrate/calibrate.ts';
import type { SampleData } from './calibrate/samples.ts';
import { ensure } from './errors.ts';
import { cloneGraph } from './graph/edit.ts';
import { type Graph, isGraph } from './graph/ir.ts';
import { exportOnnx as exportModel } from './onnx/export.ts';
import { importOnnx as importModel } from './onnx/import.ts';
import { OPS } from './ops/index.ts';
import type { Manifest, PlanInfo, PortInfo } from './package/format.ts';
import { writePackage } from './package/write.ts';
import {
  checkMasks,
  type MaskOptions,
  PASSES,
  type Pass,
  type PassReport,
  runPasses,
  SPARSE_PASSES,
} from './passes/index.ts';
import { withOutputDims } from './passes/output_dims.ts';
import type { Pieces } from './plan/constants.ts';
import { describeSteps } from './plan/describe.ts';
import { type Exit, expectExits } from './plan/exits.ts';
import { type Plan, type PlanOptions, type PlanSet, planGraphs } from './plan/plan.ts';
import { needsExtra } from './plan/records.ts';
import { expectedZeros } from './plan/zeros.ts';
import type { Tensor } from './tensor.ts';
import { measureCandidates } from './tune.ts';

/** A network: ONNX bytes, a path to an ONNX file (Node), or a graph. */
export type ModelSource = Uint8Array | string | URL | Graph;

export interface CompileOptions {
  /** Dims of the inputs that bind symbolic dimensions; one set a plan. Unset: a symbolic batch is 1. */
  shapes?: Record<string, number[]> | Record<string, number[]>[];
  /** Fixes inputs at compile time. */
  values?: Record<string, Tensor>;
  /** Wasm build the package asks for: `simd` is bit-identical everywhere, `relaxed` faster, `both` (the default) lets the host decide. */
  target?: 'simd' | 'relaxed' | 'both';
  /** `off` stores and multiplies zeros, for comparison. */
  sparse?: 'auto' | 'off';
  /**
   * `off` skips nothing that an input makes zero; it is the default beside `sparse: 'off'`. A number counts |x| up to it as zero where zeros
   * are skipped, an approximation that the package notes. `auto`: exact zeros only.
   */
  skip?: 'auto' | 'off' | number;
  /** Heads that end a run where they are sure enough: what only later outputs need is skipped, those outputs are not in the result. */
  exits?: readonly Exit[];
  /** Times the candidate kernels of every layer on this machine instead of asking the cost model. Takes a while. */
  tune?: boolean;
  /**
   * Samples of the inputs, to count the zeros that they make: the planner then knows where skipping pays, and the package says what was
   * counted. At most 256 runs, evenly spread over the data, and no new one after a minute.
   */
  calibrate?: SampleData;
  /** Regions that are computed only in the blocks of the image where a mask says so. */
  masks?: readonly MaskOptions[];
  /** Stored type of the weights. */
  weights?: 'f32';
  /** Name of the model in the package. */
  name?: string;
}

/** Overrides of the planner's choices and the passes, for tests and measurements, and notes for the package. */
export interface Planning extends Pick<PlanOptions, 'choose' | 'measure' | 'zeros'> {
  passes?: readonly Pass[];
  notes?: readonly string[];
}

/** What the compiler did, plan by plan. */
export interface Compilation {
  graph: Graph;
  planSet: PlanSet;
  reports: PassReport[][];
  manifest: Manifest;
  bytes: Uint8Array;
}

/**
 * Compiles a network into a package.
 *
 * @throws ZeroskipError `INVALID_MODEL`, `UNSUPPORTED_OP`, `SHAPE_MISMATCH`, `TYPE_MISMATCH`, `INVALID_ARGUMENT`, `OUT_OF_MEMORY`, `FILE_ERROR`
 */
export async function compile(source: ModelSource, options: CompileOptions = {}): Promise<Uint8Array> {
  return (await compileTuned(await toGraph(source), options)).bytes;
}

/**
 * Average percentage of zeros (APoZ) of every channel behind an activation, over a data set.
 *
 * @throws ZeroskipError what {@link compile} throws, `MISSING_INPUT`, and `INVALID_ARGUMENT` if no activation makes zeros
 */
export async function apoz(source: ModelSource, options: ApozOptions): Promise<Apoz> {
  ensure(isObject(options), 'INVALID_ARGUMENT', () => `apoz: the options are an object with data, found ${options}`);
  return apozOf(await toGraph(source), options, compileGraph);
}

/** {@link compileGraph}, after calibrating and measuring where the options ask for it. */
export async function compileTuned(graph: Graph, options: CompileOptions = {}): Promise<Compilation> {
  checkOptions(options);
  const calibration = options.calibrate && (await calibrate(graph, options, compileGraph));
  const { calibrate: _, ...rest } = options;
  const planning: Planning = calibration ? { zeros: calibration.zeros, notes: [calibration.note] } : {};
  const measured = rest.tune
    ? await measureCandidates(graph, rest, (g, o, p) => compileGraph(g, o, { ...planning, ...p }))
    : {};
  return compileGraph(graph, rest, { ...planning, ...measured });
}

/** Reads an ONNX model into a graph; the file name only heads error messages. */
export const importOnnx = (bytes: Uint8Array, file?: string): Graph => importModel(bytes, { ops: OPS, file });

/**
 * Writes a graph as an ONNX model of the lowest opset from 13 that has the forms of its nodes. Constants become initializers with
 * `raw_data`, a fused clamp a Relu or Clip node, a Softmax over several dims four nodes; outputs that declare no dims get inferred ones,
 * dimensions that follow a symbolic one of an input by its name. Reading the result gives the same graph again but for these.
 *
 * @throws ZeroskipError `INVALID_ARGUMENT` for what is no graph, and if the constants do not fit into the 2 GiB of a protobuf file
 */
export function exportOnnx(graph: Graph): Uint8Array {
  ensure(isGraph(graph), 'INVALID_ARGUMENT', () => `exportOnnx: a Graph is needed, found ${graph}`);
  return exportModel(withOutputDims(graph, OPS));
}

/** The graph of any model source. */
export async function toGraph(source: ModelSource): Promise<Graph> {
  if (source instanceof Uint8Array) return importOnnx(source);
  if (typeof source === 'string' || source instanceof URL) return parseModel(await readBytes(source), source);
  ensure(isGraph(source), 'INVALID_ARGUMENT', 'compile: the model is ONNX bytes, a path, or a Graph');
  return source;
}

/** The graph of the bytes of a model file; external data are read beside `location`. */
export const parseModel = (bytes: Uint8Array, location: string | URL): Graph =>
  importModel(bytes, {
    ops: OPS,
    file: String(location),
    externalData: (file) => readExternal(location, file),
  });

/**
 * {@link compile} for a graph, with everything that `inspect` shows. The graph is not changed.
 */
export function compileGraph(graph: Graph, options: CompileOptions = {}, planning: Planning = {}): Compilation {
  checkOptions(options);
  const sets = Array.isArray(options.shapes) ? options.shapes : [options.shapes ?? {}];
  ensure(sets.length > 0, 'INVALID_ARGUMENT', 'compile: shapes is an empty list');
  expectExits(options.exits ?? [], graph.outputs);
  const { passes: chosen, notes = [], ...choices } = planning;
  const usual = options.sparse === 'off' ? PASSES.filter((pass) => !SPARSE_PASSES.has(pass)) : PASSES;
  const reports: PassReport[][] = [];
  const graphs = sets.map((shapes) => {
    const copy = cloneGraph(graph);
    reports.push(
      runPasses(copy, { ops: OPS, shapes, values: options.values, masks: options.masks, passes: chosen ?? usual }),
    );
    return copy;
  });
  const sparse = options.sparse ?? 'auto';
  const planSet = planGraphs(graphs, {
    ...choices,
    ops: OPS,
    sparse,
    skip: options.skip ?? sparse,
    exits: options.exits,
  });
  const { manifest, sections } = toManifest(graph, planSet, reports, options, planning.zeros);
  manifest.notes.push(...notes);
  return { graph, planSet, reports, manifest, bytes: writePackage(manifest, sections) };
}

const KNOWN = [
  'shapes',
  'values',
  'target',
  'sparse',
  'skip',
  'masks',
  'exits',
  'tune',
  'calibrate',
  'weights',
  'name',
];

const isObject = (x: unknown): boolean => typeof x === 'object' && x !== null;

const showOption = (x: unknown): string => (typeof x === 'string' ? `'${x}'` : String(x));

/** @throws ZeroskipError `INVALID_ARGUMENT` for an option that there is not, or a value that it does not take */
export function checkOptions(options: CompileOptions): void {
  ensure(isObject(options), 'INVALID_ARGUMENT', () => `compile: the options are an object, found ${options}`);
  for (const key of Object.keys(options)) {
    ensure(
      KNOWN.includes(key),
      'INVALID_ARGUMENT',
      () => `compile: unknown option '${key}'; the options are ${KNOWN.join(', ')}`,
    );
  }
  const oneOf = (name: keyof CompileOptions, ...values: string[]) =>
    ensure(
      options[name] === undefined || values.includes(options[name] as string),
      'INVALID_ARGUMENT',
      () => `compile: ${name} is ${values.map((v) => `'${v}'`).join(' or ')}, found '${options[name]}'`,
    );
  oneOf('target', 'simd', 'relaxed', 'both');
  oneOf('sparse', 'auto', 'off');
  oneOf('weights', 'f32');
  const { skip = 'auto' } = options;
  ensure(
    skip === 'auto' || skip === 'off' || (typeof skip === 'number' && skip >= 0 && skip < Number.POSITIVE_INFINITY),
    'INVALID_ARGUMENT',
    () => `compile: skip is 'auto', 'off' or a number of at least 0, found ${showOption(skip)}`,
  );
  ensure(
    options.tune === undefined || typeof options.tune === 'boolean',
    'INVALID_ARGUMENT',
    () => `compile: tune is true or false, found ${options.tune}`,
  );
  const { shapes = {}, values = {}, name = '', masks = [], calibrate = {} } = options;
  checkMasks(masks, 'compile');
  ensure(typeof name === 'string', 'INVALID_ARGUMENT', () => `compile: name is a string, found ${name}`);
  ensure(isObject(values), 'INVALID_ARGUMENT', () => `compile: values are tensors by input name, found ${values}`);
  ensure(
    isObject(calibrate),
    'INVALID_ARGUMENT',
    () => `compile: calibrate is tensors by input name, or a list of that, found ${calibrate}`,
  );
  for (const set of Array.isArray(shapes) ? shapes : [shapes])
    ensure(
      isObject(set) && !Array.isArray(set),
      'INVALID_ARGUMENT',
      () => `compile: shapes are dims by input name, or a list of that, found ${set}`,
    );
}

function toManifest(
  graph: Graph,
  { plans, constants, init }: PlanSet,
  reports: PassReport[][],
  options: CompileOptions,
  zeros: PlanOptions['zeros'],
): { manifest: Manifest; sections: (Uint8Array | Pieces)[] } {
  const sections: (Uint8Array | Pieces)[] = [constants, init];
  const section = (bytes: Uint8Array): number => sections.push(bytes) - 1;
  // Inputs that `values` has fixed are no inputs of the package.
  const inputs = plans[0].graph.inputs;
  const manifest: Manifest = {
    name: options.name ?? graph.name,
    target: options.target ?? 'both',
    inputs: inputs.map((name) => port(graph, name, plans)),
    outputs: graph.outputs.map((name) => port(graph, name, plans)),
    plans: plans.map((plan) => ({
      inputs: inputs.map((name) => [...plan.schedule.inputs.get(name)!.dims]),
      outputs: graph.outputs.map((name) => [...plan.schedule.outputs.get(name)!.dims]),
      inputOffsets: inputs.map((name) => plan.arena.slotOffsets.get(plan.schedule.inputs.get(name)!.slot.id)!),
      outputOffsets: graph.outputs.map((name) => plan.arena.slotOffsets.get(plan.schedule.outputs.get(name)!.slot.id)!),
      arenaBytes: plan.arena.peak,
      arenaTotal: plan.arena.total,
      narrow: { section: section(plan.programs.narrow.bytes), steps: plan.programs.narrow.steps },
      wide: { section: section(plan.programs.wide.bytes), steps: plan.programs.wide.steps },
      steps: describeSteps(plan, zeros && expectedZeros(plan.graph, OPS, zeros)),
      ...exitsOf(graph, plan),
    })),
    ...(plans.some(({ programs }) => needsExtra(programs.narrow.bytes) || needsExtra(programs.wide.bytes)) && {
      extra: true,
    }),
    constants: 0,
    init: 1,
    tableBytes: constants.tableBytes,
    notes: [
      ...new Set(reports.flat().flatMap(({ pass, notes }) => notes.map((note) => `${pass}: ${note}`))),
      ...approximations(plans, options.skip),
    ],
    metadata: { ...graph.metadata },
  };
  return { manifest, sections };
}

/** Says that results are approximations where a threshold counts other numbers as zero. */
function approximations(plans: readonly Plan[], skip: CompileOptions['skip']): string[] {
  if (typeof skip !== 'number' || skip === 0) return [];
  const steps = new Set(
    plans.flatMap(({ schedule, counters }) => counters.map(({ step }) => schedule.steps[step].name)),
  );
  return steps.size === 0 ? [] : [`skip: |x| <= ${skip} counts as zero in ${[...steps].join(', ')}: an approximation`];
}

function exitsOf(graph: Graph, { schedule, arena }: Plan): Pick<PlanInfo, 'exits'> {
  const exits = schedule.exits.map(({ output, threshold, confidence, outputs }) => ({
    output: graph.outputs.indexOf(output),
    threshold,
    at: arena.slotOffsets.get(confidence.slot.id)!,
    outputs: outputs.map((name) => graph.outputs.indexOf(name)),
  }));
  return exits.length > 0 ? { exits } : {};
}

/** Declared type and dims, symbolic ones by name; a port whose dims the model does not declare gets those of the plans. */
function port(graph: Graph, name: string, plans: readonly Plan[] = []): PortInfo {
  // An input that the compiler has added is no value of the model.
  const { type, dims = undefined } = graph.values.get(name) ?? { type: 'float32' as const };
  const bound = plans.map(({ schedule }) => (schedule.outputs.get(name) ?? schedule.inputs.get(name)!).dims);
  const varies = bound[0]?.map((d, i) => (bound.every((other) => other[i] === d) ? d : `${name}_dim${i}`));
  const inferred = plans[0]?.graph.values.get(name);
  return { name, type: inferred?.type ?? type, dims: [...(dims ?? varies ?? [])] };
}

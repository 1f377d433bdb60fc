import { readBytes } from '#compiler-host';
import { type CompileOptions, compileTuned, type ModelSource, parseModel, toGraph } from './compile.ts';
import { ensure } from './errors.ts';
import type { Graph } from './graph/ir.ts';
import { printGraph } from './graph/print.ts';
import {
  HEADER_BYTES,
  isPackage,
  type Manifest,
  type PlanInfo,
  type PortInfo,
  type StepInfo,
} from './package/format.ts';
import { readPackage } from './package/read.ts';
import type { Plan } from './plan/plan.ts';
import type { Alternative } from './plan/types.ts';

/** One kernel call of a plan. */
export interface LayerInspection extends StepInfo {
  /** Records that it takes in the program of each engine class; none: its output shares memory with its input. */
  records: { narrow: number; wide: number };
  /** Modelled time in ns, layout conversions included (models only). */
  cost?: number;
  /** Kernels that were not taken, with their modelled time or why they cannot be used (models only). */
  alternatives?: Alternative[];
}

/** One set of input shapes. */
export interface PlanInspection {
  /** Bound dims by the name of the input or output. */
  inputs: Record<string, number[]>;
  outputs: Record<string, number[]>;
  /** Bytes of the arena, and what it would take if no memory were reused. */
  arena: { peak: number; sum: number };
  layers: LayerInspection[];
  /** The graph behind the passes, one node a line (models only). */
  graph?: string;
}

/** Facts about a package, or about the package that a model compiles to. */
export interface Inspection {
  kind: 'model' | 'package';
  name: string;
  /** Bytes of the package. */
  bytes: number;
  /** Bytes of the ONNX model without external data, where it was given as bytes or as a file. */
  modelBytes?: number;
  target: Manifest['target'];
  /** Whether it needs the second module's kernels. */
  extra: boolean;
  inputs: PortInfo[];
  outputs: PortInfo[];
  plans: PlanInspection[];
  /** Parts of the package. */
  sections: { name: string; bytes: number }[];
  /** Bytes of the tables that `load` makes. */
  tableBytes: number;
  /** What the passes reported. */
  notes: string[];
  metadata: Record<string, string>;
}

/**
 * What a package holds; a model (ONNX bytes, a path, a graph) is compiled in memory first. Bytes and files are told apart by their first
 * bytes. `options` are those of `compile` and concern models only.
 *
 * @throws ZeroskipError `INVALID_PACKAGE`, `INVALID_ARGUMENT` for options of a package, and what `compile` throws
 */
export async function inspect(source: ModelSource, options: CompileOptions = {}): Promise<Inspection> {
  if (typeof source === 'string' || source instanceof URL) {
    const bytes = await readBytes(source);
    return isPackage(bytes) ? inspectPackage(bytes, options) : inspectModel(parseModel(bytes, source), options, bytes);
  }
  if (!(source instanceof Uint8Array)) return inspectModel(await toGraph(source), options);
  return isPackage(source) ? inspectPackage(source, options) : inspectModel(await toGraph(source), options, source);
}

async function inspectModel(graph: Graph, options: CompileOptions, source?: Uint8Array): Promise<Inspection> {
  const { bytes, planSet } = await compileTuned(graph, options);
  const facts = describePackage(bytes, 'model');
  facts.plans.forEach((plan, i) => {
    Object.assign(plan, describeChoices(plan, planSet.plans[i]));
  });
  return source ? { ...facts, modelBytes: source.byteLength } : facts;
}

const describeChoices = (plan: PlanInspection, { graph, schedule }: Plan): Partial<PlanInspection> => ({
  layers: plan.layers.map((layer, i) => {
    const { cost, alternatives } = schedule.steps[i];
    return { ...layer, cost, alternatives };
  }),
  graph: printGraph(graph),
});

function inspectPackage(bytes: Uint8Array, options: CompileOptions): Inspection {
  ensure(
    typeof options === 'object' && options !== null,
    'INVALID_ARGUMENT',
    () => `inspect: the options are an object, found ${options}`,
  );
  const given = Object.keys(options).find((key) => options[key as keyof CompileOptions] !== undefined);
  ensure(
    !given,
    'INVALID_ARGUMENT',
    () => `inspect: a package is compiled already, the option '${given}' is for models`,
  );
  return describePackage(bytes, 'package');
}

function describePackage(bytes: Uint8Array, kind: Inspection['kind']): Inspection {
  const { manifest, sections } = readPackage(bytes);
  const { name, target, inputs, outputs, tableBytes, notes, metadata } = manifest;
  const plans = manifest.plans.map((plan, i) => describePlan(manifest, plan, i));
  return {
    kind,
    name,
    bytes: bytes.byteLength,
    target,
    extra: manifest.extra ?? false,
    inputs,
    outputs,
    plans,
    sections: nameSections(manifest, sections, bytes.byteLength),
    tableBytes,
    notes,
    metadata: Object.assign(Object.create(null), metadata),
  };
}

function describePlan(manifest: Manifest, plan: PlanInfo, index: number): PlanInspection {
  const byName = (ports: readonly PortInfo[], dims: number[][]): Record<string, number[]> => {
    const record: Record<string, number[]> = Object.create(null);
    ports.forEach(({ name }, i) => {
      record[name] = dims[i];
    });
    return record;
  };
  const count = (steps: readonly number[]): number[] => {
    const counts = new Array<number>(plan.steps.length).fill(0);
    for (const step of steps) counts[step]++;
    return counts;
  };
  const narrow = count(plan.narrow.steps);
  const wide = count(plan.wide.steps);
  return {
    inputs: byName(manifest.inputs, plan.inputs),
    outputs: byName(manifest.outputs, plan.outputs),
    arena: { peak: plan.arenaBytes, sum: plan.arenaTotal },
    layers: plan.steps.map((step, i) => {
      checkStep(step, index);
      return { ...step, records: { narrow: narrow[i], wide: wide[i] } };
    }),
  };
}

const isNumber = (x: unknown): boolean => typeof x === 'number' && x >= 0;
const isObject = (x: unknown): boolean => typeof x === 'object' && x !== null;
const isTextOrAbsent = (x: unknown): boolean => x === undefined || typeof x === 'string';

/** Facts of a step that the runtime never reads, so that `readPackage` leaves them unchecked. */
function checkStep(step: StepInfo, plan: number): void {
  const { node, dims, macs, zeros, sparsity, bytes, format, structure, note } = step as Partial<StepInfo>;
  const valid =
    Array.isArray(dims) &&
    dims.every(isNumber) &&
    (macs === undefined || (isObject(macs) && isNumber(macs.kept) && isNumber(macs.dense))) &&
    (zeros === undefined || (isObject(zeros) && isNumber(zeros.elements) && isNumber(zeros.tiles))) &&
    [sparsity, bytes].every((x) => x === undefined || isNumber(x)) &&
    [format, structure, note].every(isTextOrAbsent);
  ensure(valid, 'INVALID_PACKAGE', () => `package: step '${node}' of plan ${plan} has facts of wrong types`);
}

/** Sections by what the manifest uses them for; the rest is the header, the manifest and padding. */
function nameSections(manifest: Manifest, sections: readonly Uint8Array[], total: number): Inspection['sections'] {
  const names = new Map<number, string>([
    [manifest.constants, 'constants'],
    [manifest.init, 'table records'],
  ]);
  manifest.plans.forEach((plan, i) => {
    for (const engine of ['narrow', 'wide'] as const) {
      const { section } = plan[engine];
      if (!names.has(section)) names.set(section, `plan ${i} ${engine}`);
    }
  });
  const named = sections.map((section, i) => ({ name: names.get(i) ?? `section ${i}`, bytes: section.byteLength }));
  const used = named.reduce((sum, { bytes }) => sum + bytes, HEADER_BYTES);
  return [
    { name: 'header', bytes: HEADER_BYTES },
    ...named,
    { name: 'manifest and padding', bytes: Math.max(0, total - used) },
  ];
}

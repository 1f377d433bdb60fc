import { ZeroskipError } from '../errors.ts';
import { bytesOf, type DType, isDType, sizeOf } from '../tensor.ts';
import type { Manifest } from './format.ts';

const MAX_ARENA = 2 ** 32;
const MAX_RANK = 64;

const isCount = (x: unknown): x is number => Number.isInteger(x) && (x as number) >= 0 && (x as number) <= MAX_ARENA;
const isText = (x: unknown): x is string => typeof x === 'string';
const isObject = (x: unknown): x is Record<string, unknown> => typeof x === 'object' && x !== null && !Array.isArray(x);

/**
 * Checks everything that `load` reads of a manifest: types, section numbers, and that inputs and outputs lie in the arena.
 * @throws ZeroskipError `INVALID_PACKAGE`
 */
export function validateManifest(manifest: Manifest, sections: readonly unknown[]): void {
  const m: unknown = manifest;
  require(isObject(m), 'it is an object');
  require(isText(m.name), 'name is a string');
  require(m.target === 'simd' ||
    m.target === 'relaxed' ||
    m.target === 'both', "target is 'simd', 'relaxed' or 'both'");
  require(isCount(m.tableBytes), 'tableBytes is a number');
  require(m.extra === undefined || typeof m.extra === 'boolean', 'extra is true or false');
  for (const key of ['constants', 'init']) require(isSection(m[key], sections), `${key} is a section`);
  require(isObject(m.metadata) && Object.values(m.metadata).every(isText), 'metadata holds strings');
  require(Array.isArray(m.notes) && m.notes.every(isText), 'notes holds strings');
  const inputs = ports(m.inputs, 'inputs');
  const outputs = ports(m.outputs, 'outputs');
  require(Array.isArray(m.plans) && m.plans.length > 0, 'there is a plan');
  m.plans.forEach((plan, i) => {
    validatePlan(plan, `plan ${i}`, inputs, outputs, sections);
  });
}

function require(condition: unknown, what: string): asserts condition {
  if (!condition)
    throw new ZeroskipError('INVALID_PACKAGE', `package: the manifest is not valid: expected that ${what}`);
}

const isSection = (x: unknown, sections: readonly unknown[]): boolean => isCount(x) && x < sections.length;

/** Types of the ports. */
function ports(list: unknown, what: string): { type: DType; rank: number }[] {
  require(Array.isArray(list), `${what} is a list`);
  const names = new Set<string>();
  return list.map((port: unknown) => {
    require(isObject(port) &&
      isText(port.name) &&
      isText(port.type) &&
      isDType(port.type), `${what} have a name and a type`);
    require(!names.has(port.name), `the names of ${what} are unique`);
    names.add(port.name);
    require(Array.isArray(port.dims) && port.dims.every((d) => isText(d) || isCount(d)), `${what} have dims`);
    return { type: port.type, rank: port.dims.length };
  });
}

function validatePlan(
  plan: unknown,
  what: string,
  inputs: { type: DType; rank: number }[],
  outputs: { type: DType; rank: number }[],
  sections: readonly unknown[],
): void {
  require(isObject(plan), `${what} is an object`);
  require(isCount(plan.arenaBytes) && isCount(plan.arenaTotal), `${what} has the size of its arena`);
  operands(plan.inputs, plan.inputOffsets, inputs, plan.arenaBytes, `inputs of ${what}`);
  operands(plan.outputs, plan.outputOffsets, outputs, plan.arenaBytes, `outputs of ${what}`);
  require(Array.isArray(plan.steps), `${what} has steps`);
  const steps = plan.steps.length;
  const { arenaBytes } = plan;
  plan.steps.forEach((step: unknown) => {
    require(isObject(step) &&
      isText(step.node) &&
      isText(step.op) &&
      isText(step.kernel), `steps of ${what} have names`);
    const counter: unknown = step.dynamic;
    require(counter === undefined ||
      (isObject(counter) &&
        [counter.at, counter.total, counter.limit].every(isCount) &&
        (counter.at as number) % 4 === 0 &&
        (counter.at as number) + 4 <= arenaBytes), `counters of ${what} lie in the arena`);
    const { view, source, dims } = step;
    require(view === undefined || isView(view, dims, arenaBytes), `values of ${what} lie in the arena`);
    require(source === undefined ||
      (isObject(source) &&
        isCount(source.size) &&
        [source.step ?? 0, source.input ?? 0, source.zeros ?? 0].every(isCount)), `operands of ${what} have a source`);
  });
  exits(plan.exits, outputs.length, arenaBytes, what);
  for (const engine of ['narrow', 'wide']) {
    const program = plan[engine];
    require(isObject(program) && isSection(program.section, sections), `${what} has a ${engine} program`);
    const list = program.steps;
    require(Array.isArray(list) && list.every((s) => isCount(s) && s < steps), `records of ${what} belong to steps`);
  }
}

/** Whether all elements of a float32 view lie in the arena, and are no more than fit there once. */
function isView(view: unknown, dims: unknown, arenaBytes: number): boolean {
  const isList = (x: unknown): x is number[] => Array.isArray(x) && x.length <= MAX_RANK && x.every(isCount);
  if (!isObject(view) || !isCount(view.at) || !isList(dims) || !isList(view.strides)) return false;
  const { at, strides } = view;
  const last = dims.reduce((sum, d, i) => sum + (d - 1) * strides[i], 0);
  return (
    at % 4 === 0 &&
    strides.length === dims.length &&
    sizeOf(dims) * 4 <= arenaBytes &&
    at + Math.max(0, last + 1) * 4 <= arenaBytes
  );
}

function exits(list: unknown, outputs: number, arenaBytes: number, what: string): void {
  if (list === undefined) return;
  const isOutput = (x: unknown): boolean => isCount(x) && x < outputs;
  require(Array.isArray(list) && list.length <= outputs, `${what} has at most an exit an output`);
  for (const exit of list as unknown[]) {
    require(isObject(exit) && isOutput(exit.output), `exits of ${what} are outputs`);
    require(typeof exit.threshold === 'number', `exits of ${what} have a threshold`);
    require(isCount(exit.at) && exit.at % 4 === 0 && exit.at + 4 <= arenaBytes, `exits of ${what} lie in the arena`);
    const there: unknown = exit.outputs;
    require(Array.isArray(there) && there.length <= outputs && there.every(isOutput), `exits of ${what} list outputs`);
  }
}

function operands(
  dims: unknown,
  offsets: unknown,
  types: { type: DType; rank: number }[],
  arenaBytes: number,
  what: string,
): void {
  require(Array.isArray(dims) && dims.length === types.length, `${what} have dims`);
  require(Array.isArray(offsets) && offsets.length === types.length, `${what} have offsets`);
  types.forEach(({ type, rank }, i) => {
    const own: unknown = dims[i];
    require(Array.isArray(own) && own.length === rank && own.every(isCount), `${what} have ${rank} dims`);
    const at: unknown = offsets[i];
    require(isCount(at) && at % 8 === 0, `${what} are aligned`);
    require(at + sizeOf(own) * bytesOf(type) <= arenaBytes, `${what} lie in the arena`);
  });
}

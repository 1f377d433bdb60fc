import { ensure } from '../errors.ts';
import { callOf } from '../graph/call.ts';
import { Editor, type GraphIndex } from '../graph/edit.ts';
import type { Graph, Node } from '../graph/ir.ts';
import { type MaskedRegion, maskedRegion } from '../graph/masked_region.ts';
import { sortTopologically } from '../graph/order.ts';
import { scaleOf } from '../ops/block_mask.ts';
import { gridOf, listType } from '../ops/common/blocks.ts';
import { sameDims, showDims } from '../tensor.ts';
import type { MaskOptions } from './mask_options.ts';
import type { Pass } from './pass.ts';

/** Ops of one operand, element by element. */
const UNARY: ReadonlySet<string> = new Set([
  ...['Relu', 'LeakyRelu', 'Clip', 'Sigmoid', 'Tanh', 'HardSigmoid', 'HardSwish', 'Erf'],
  ...['Abs', 'Neg', 'Exp', 'Sqrt', 'Identity', 'Dropout', 'BatchNormalization'],
]);
const BINARY: ReadonlySet<string> = new Set(['Add', 'Sub', 'Mul', 'Div', 'PRelu']);

/**
 * Masked regions: behind each a BlockSelect, which lets the region's output through in the active blocks only, and the BlockMask that finds
 * them. These define what is computed; that the region need not run elsewhere is the planner's business.
 *
 * @throws ZeroskipError `INVALID_ARGUMENT` for nodes, masks and inputs that do not fit, `UNSUPPORTED_OP` naming a node that cannot run in
 *   blocks
 */
export const masks: Pass = {
  name: 'masks',
  run: (graph, { masks: list = [] }) => list.map((mask, i) => insert(graph, mask, i)),
};

function insert(graph: Graph, options: MaskOptions, number: number): string {
  const fail = (message: string): never => {
    ensure(false, 'INVALID_ARGUMENT', () => `masks[${number}]: ${message}`);
    throw new Error(message);
  };
  const edit = new Editor(graph);
  const nodes = options.nodes.map((name) => {
    const named = graph.nodes.filter((node) => node.name === name);
    if (named.length === 0) fail(`there is no node '${name}'`);
    if (named.length > 1) fail(`${named.length} nodes are called '${name}'`);
    return named[0];
  });
  const found = maskedRegion(graph, edit, new Set(nodes));
  const region: MaskedRegion = typeof found === 'string' ? fail(found) : found;
  for (const node of region.nodes) expectSupported(graph, node, edit, number);

  const { input, output } = region;
  const dims = edit.dims(output)!;
  const image = dims.slice(2);
  const block = typeof options.block === 'number' ? [options.block, options.block] : [...options.block];
  const mask = typeof options.mask === 'string' ? options.mask : feed(edit, options.mask, dims, fail);
  checkMask(edit, mask, dims, fail);
  const dependent = reaches(edit, output, mask) || region.nodes.some((node) => node.outputs.includes(mask));
  if (dependent) fail(`the mask '${mask}' is computed from the region that it masks`);

  const list = edit.addValue(`${output}/blocks`, 'int32', listType(dims[0] * product(gridOf(image, block))).dims);
  const { threshold = 0.5, pool = 'max', limit = -1 } = options;
  const shows = addsInput(edit, region) && sameDims(edit.dims(input)!, dims);
  const last = edit.producer(output)!;
  const inner = edit.addValue(`${output}/unmasked`, 'float32', dims);
  edit.setNode(last, { outputs: last.outputs.map((name) => (name === output ? inner : name)) });
  edit.insertBehind(last, {
    name: `${output}/mask`,
    op: 'BlockMask',
    inputs: [mask],
    outputs: [list],
    attrs: { image, block, threshold, pool },
  });
  edit.insertBehind(last, {
    name: `${output}/select`,
    op: 'BlockSelect',
    inputs: [inner, list, input],
    outputs: [output],
    attrs: { block, outside: shows ? 'input' : 'zero', limit },
  });
  edit.commit();
  sortTopologically(graph);
  return `'${output}' is computed in blocks of ${block.join('x')} where '${mask}' lies above ${threshold}; elsewhere it is ${shows ? `'${input}'` : '0'}`;
}

const product = (sizes: readonly number[]): number => sizes.reduce((all, size) => all * size, 1);

/** Fails unless a node of a region can run block by block. */
function expectSupported(graph: Graph, node: Node, index: GraphIndex, number: number): void {
  const expect = (condition: boolean, message: string): void =>
    ensure(condition, 'UNSUPPORTED_OP', () => `masks[${number}]: ${node.op} '${node.name}': ${message}`);
  const dims = index.dims(node.outputs[0]);
  const images = node.inputs.filter((name) => name && !index.constant(name));
  const known = node.op === 'Conv' || UNARY.has(node.op) || BINARY.has(node.op);
  expect(known, 'this op cannot run in blocks');
  expect(dims?.length === 4, `a region computes [N, C, H, W], found ${dims ? showDims(dims) : 'no shape'}`);
  expect(images.length > 0 && callOf(graph, node) !== undefined, 'it does not depend on the input of the region');
  if (node.op === 'Conv') expect(images.length === 1, 'its weights are no constants');
  if (!BINARY.has(node.op)) return;
  for (const name of node.inputs) {
    const own = index.dims(name)!;
    if (index.constant(name))
      expect(
        own.slice(-2).every((d) => d === 1),
        `the constant '${name}' varies over the image`,
      );
    else expect(sameDims(own, dims!), `'${name}' is broadcast`);
  }
}

/** The graph input of a fed mask; several regions may share one. */
function feed(
  edit: Editor,
  { input, size }: Exclude<MaskOptions['mask'], string>,
  dims: readonly number[],
  fail: (message: string) => never,
): string {
  const wanted = [dims[0], 1, ...(size ?? dims.slice(2))];
  const users = edit.users(input);
  const added = edit.isInput(input) && users.length > 0 && users.every(({ op }) => op === 'BlockMask');
  if (added && sameDims(edit.dims(input)!, wanted)) return input;
  if (added) fail(`the mask '${input}' is ${showDims(edit.dims(input)!)} elsewhere, here ${showDims(wanted)}`);
  if (edit.graph.values.has(input))
    fail(`the model has a value '${input}' already; write mask: '${input}' to use it as the mask`);
  return edit.addInput(input, 'float32', wanted);
}

function checkMask(index: GraphIndex, mask: string, dims: readonly number[], fail: (message: string) => never): void {
  const own = index.dims(mask) ?? fail(`there is no tensor '${mask}' to take as the mask`);
  const type = index.type(mask);
  if (type !== 'float32') fail(`the mask '${mask}' is float32, found ${type}`);
  const planes = own.length === 3 || (own.length === 4 && own[1] === 1);
  const [h, w] = own.slice(-2);
  const fits = planes && own[0] === dims[0] && scaleOf(h, dims[2]) && scaleOf(w, dims[3]);
  if (!fits)
    fail(
      `the mask '${mask}' is ${showDims([dims[0], 1, dims[2], dims[3]])} or coarser or finer by a whole factor, found ${showDims(own)}`,
    );
}

/** True if `to` is computed from `from`. */
function reaches(index: GraphIndex, from: string, to: string): boolean {
  const seen = new Set([from]);
  for (const name of seen) {
    if (name === to) return true;
    for (const user of index.users(name)) for (const output of user.outputs) if (output) seen.add(output);
  }
  return false;
}

/** True if the region ends in an addition of its own input, activations behind it apart. */
function addsInput(index: GraphIndex, { input, output }: MaskedRegion): boolean {
  for (let node = index.producer(output); node; node = index.producer(node.inputs[0])) {
    if (node.op === 'Add') return node.inputs.includes(input);
    if (!UNARY.has(node.op) || node.op === 'BatchNormalization' || node.inputs[0] === input) return false;
  }
  return false;
}

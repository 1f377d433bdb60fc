import * as F from '../../assembly/abi/confidence.ts';
import { OP_CONFIDENCE } from '../../assembly/abi.ts';
import { ensure, ZeroskipError } from '../errors.ts';
import type { Graph, Node } from '../graph/ir.ts';
import type { Emitter } from '../ops/lower.ts';
import type { Op } from '../ops/op.ts';
import { showDims, sizeOf } from '../tensor.ts';
import { controlStep, emitStepSkip } from './branches.ts';
import type { Ref, Slot, Step } from './types.ts';

/** An output that ends the run early where it is sure enough. */
export interface Exit {
  output: string;
  /** The run ends if the largest class of every row lies above. */
  threshold: number;
  /**
   * What is compared: the numbers of the output (`max`) or their softmax (`softmax`). Unset: the numbers where a Softmax made them, else
   * their softmax.
   */
  confidence?: 'max' | 'softmax';
}

/** An exit in a schedule. */
export interface ScheduledExit {
  output: string;
  threshold: number;
  /** Where the confidence stands: one float. */
  confidence: Ref;
  /** Outputs that are there if it is taken. */
  outputs: string[];
}

const showOption = (x: unknown): string => (typeof x === 'string' ? `'${x}'` : String(x));

/** Fails unless `exits` are exits of a graph with these outputs. */
export function expectExits(exits: readonly Exit[], outputs: readonly string[]): void {
  const expect = (condition: unknown, message: () => string): void =>
    ensure(condition, 'INVALID_ARGUMENT', () => `compile: ${message()}`);
  expect(Array.isArray(exits), () => `exits are a list, found ${showOption(exits)}`);
  exits.forEach((exit, i) => {
    expect(
      typeof exit === 'object' && exit !== null,
      () => `exits[${i}] is an object such as { output, threshold }, found ${showOption(exit)}`,
    );
    const { output, threshold, confidence, ...others } = exit;
    const [unknown] = Object.keys(others);
    expect(
      unknown === undefined,
      () => `exits[${i}] has an unknown key '${unknown}'; output, threshold, confidence are known`,
    );
    expect(
      outputs.includes(output),
      () => `exits[${i}]: the model has no output ${showOption(output)}; its outputs are ${outputs.join(', ')}`,
    );
    expect(
      exits.findIndex((e) => e.output === output) === i,
      () => `exits[${i}]: output '${output}' has an exit already`,
    );
    expect(Number.isFinite(threshold), () => `exits[${i}]: threshold is a number, found ${showOption(threshold)}`);
    expect(
      confidence === undefined || confidence === 'max' || confidence === 'softmax',
      () => `exits[${i}]: confidence is 'max' or 'softmax', found ${showOption(confidence)}`,
    );
  });
}

/** Rows and classes of a head: the classes stand along the last dim, dims of 1 behind the second one left out. */
export function rowsAndClasses(dims: readonly number[]): [rows: number, classes: number] {
  let rank = dims.length;
  while (rank > 2 && dims[rank - 1] === 1) rank--;
  const classes = rank > 0 ? dims[rank - 1] : 1;
  return [sizeOf(dims.slice(0, Math.max(0, rank - 1))), classes];
}

const producersOf = (graph: Graph): Map<string, Node> =>
  new Map(graph.nodes.flatMap((node) => node.outputs.map((name) => [name, node] as const)));

/** Nodes that an output needs. */
function countNeeded(producers: ReadonlyMap<string, Node>, output: string): number {
  const found = new Set<Node>();
  const open = [output];
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    const node = producers.get(name);
    if (!node || found.has(node)) continue;
    found.add(node);
    open.push(...node.inputs);
  }
  return found.size;
}

/** The exits in the order in which a run comes by: what needs fewer nodes first. */
function inRunOrder(graph: Graph, exits: readonly Exit[]): Exit[] {
  const producers = producersOf(graph);
  const counts = new Map(exits.map(({ output }) => [output, countNeeded(producers, output)]));
  return [...exits].sort((a, b) => counts.get(a.output)! - counts.get(b.output)!);
}

/** Whether a Softmax made a value, perhaps with other dims since. */
function isSoftmax(graph: Graph, ops: ReadonlyMap<string, Op>, output: string): boolean {
  const producers = producersOf(graph);
  let node = producers.get(output);
  while (node && (node.op === 'Identity' || ops.get(node.op)?.alias)) node = producers.get(node.inputs[0]);
  return node?.op === 'Softmax';
}

/** The step that computes the confidence of an exit and skips all steps behind it (`Step.control.steps`) where it lies above. */
function exitStep(graph: Graph, ops: ReadonlyMap<string, Op>, exit: Exit, head: Ref, confidence: Slot): Step {
  const { output, threshold } = exit;
  const { slot, dims } = head;
  const [rows, classes] = rowsAndClasses(dims);
  if (slot.type !== 'float32' || rows * classes === 0)
    throw new ZeroskipError(
      'INVALID_ARGUMENT',
      `exits: output '${output}' is a float32 head of rows and classes, found ${slot.type} ${showDims(dims)}`,
    );
  const softmax = (exit.confidence ?? (isSoftmax(graph, ops, output) ? 'max' : 'softmax')) === 'softmax';
  const emit = (e: Emitter): void => {
    e.record(OP_CONFIDENCE, F.CONFIDENCE_SIZE)
      .at(F.CONFIDENCE_X, e.input(0))
      .at(F.CONFIDENCE_Y, e.output())
      .int(F.CONFIDENCE_ROWS, rows)
      .int(F.CONFIDENCE_CLASSES, classes)
      .int(F.CONFIDENCE_SOFTMAX, softmax ? 1 : 0);
    emitStepSkip(e, e.output(), 'f32', threshold, true);
  };
  const kernel = `f32_confidence__${softmax ? 'softmax' : 'max'}`;
  return controlStep('Exit', output, kernel, [head], [{ slot: confidence, dims: [] }], emit);
}

/** The exits of one schedule, as a walk over the nodes comes by. */
export class ExitSteps {
  private readonly graph: Graph;
  private readonly ops: ReadonlyMap<string, Op>;
  private readonly steps: Step[];
  private readonly waiting: Exit[];
  private readonly passed: { exit: ScheduledExit; index: number }[] = [];

  constructor(graph: Graph, ops: ReadonlyMap<string, Op>, exits: readonly Exit[], steps: Step[]) {
    this.graph = graph;
    this.ops = ops;
    this.steps = steps;
    this.waiting = inRunOrder(graph, exits);
  }

  /** Outputs of the exits to come. */
  get heads(): string[] {
    return this.waiting.map(({ output }) => output);
  }

  /** Output of the next exit. */
  get next(): string | undefined {
    return this.waiting[0]?.output;
  }

  /** Appends the step of the next exit, at which `outputs` are there. */
  pass(outputs: ReadonlyMap<string, Ref>, confidence: Slot): void {
    const exit = this.waiting.shift()!;
    const { output, threshold } = exit;
    const step = exitStep(this.graph, this.ops, exit, outputs.get(output)!, confidence);
    const index = this.steps.push(step) - 1;
    const scheduled = { output, threshold, confidence: step.outputs[0], outputs: [...outputs.keys()] };
    this.passed.push({ exit: scheduled, index });
  }

  /** Lets every exit skip all steps behind it; nothing is appended any more. */
  close(): ScheduledExit[] {
    for (const { index } of this.passed) this.steps[index].control!.steps = this.steps.length - 1 - index;
    return this.passed.map(({ exit }) => exit);
  }
}

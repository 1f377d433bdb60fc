import { type Compilation, compileGraph } from '../../src/compile.ts';
import { evaluate } from '../../src/graph/evaluate.ts';
import type { Graph } from '../../src/graph/ir.ts';
import { OPS } from '../../src/ops/index.ts';
import type { Candidate } from '../../src/ops/lower.ts';
import { readPackage } from '../../src/package/read.ts';
import type { Variant } from '../../src/runtime/engine.ts';
import { load } from '../../src/runtime/load.ts';
import type { Tensor } from '../../src/tensor.ts';
import { difference, identical } from './compare.ts';
import { Guard, outputSpans } from './guard.ts';
import { CANARY, Machine } from './machine.ts';
import { zerosOfFeeds } from './zero_tiles.ts';

/** Ops without rounding, or with the one rounding that IEEE 754 defines: kernels agree with the reference to the bit. */
const EXACT = new Set(
  `Abs Add And ArgMax Cast Clip Concat ConstantOfShape Div Dropout Equal Expand Flatten Gather Greater GreaterOrEqual Identity If Less
  LessOrEqual Max MaxPool Min Mul Neg Not Or PRelu Pad ReduceMax Relu Reshape Resize Shape Slice Split Sqrt Squeeze Sub Transpose Unsqueeze Where`.split(
    /\s+/,
  ),
);

const ENGINES = ['narrow', 'wide'] as const;

/** What a run of the suite has covered, and what it has found. */
export class Contract {
  readonly variant: Variant;
  readonly failures: string[] = [];
  /** Kernels that `lower` offered, and those that ran. */
  readonly offered = new Set<string>();
  readonly kernels = new Set<string>();
  readonly opCodes = new Set<number>();
  cases = 0;
  combinations = 0;
  private readonly machine: Machine;

  private constructor(variant: Variant, machine: Machine) {
    this.variant = variant;
    this.machine = machine;
  }

  static async open(variant: Variant): Promise<Contract> {
    return new Contract(variant, await Machine.open(variant, 64));
  }

  /**
   * Compares one graph with its reference: loaded as users do with the planner's choice, then with every kernel that each node offers, on
   * both engine classes, on one thread and shared by two and three.
   * @param loading whether to go through `load` too
   * @param tolerated errors that are a legal answer
   */
  async check(
    name: string,
    graph: Graph,
    feeds: Record<string, Tensor>,
    loading = true,
    tolerated: (error: unknown) => boolean = () => false,
  ): Promise<void> {
    this.cases++;
    const fail = (message: string): void => {
      this.failures.push(`${this.variant}: ${name}: ${message}`);
    };
    try {
      const expected = evaluate(graph, OPS, feeds);
      const exact = graph.nodes.every((node) => EXACT.has(node.op));
      const offers = new Map<string, number>();
      const zeros = zerosOfFeeds(feeds);
      const chosen = compileGraph(
        graph,
        {},
        { zeros, choose: (node, { length }) => void offers.set(node.name, length) },
      );
      for (const step of chosen.planSet.plans[0].schedule.steps) {
        for (const { kernel } of [step, ...step.alternatives]) this.offered.add(kernel);
      }
      if (loading) await this.loaded(chosen, feeds, expected, exact, fail);
      const forcings = [...offers].flatMap(([node, count]) => Array.from({ length: count }, (_, i) => ({ node, i })));
      if (forcings.length === 0) this.forced(chosen, feeds, expected, exact, fail);
      for (const { node, i } of forcings) {
        const choose = ({ name: own }: { name: string }, candidates: readonly Candidate[]) =>
          own === node ? candidates[i] : undefined;
        this.forced(compileGraph(graph, {}, { zeros, choose }), feeds, expected, exact, fail);
      }
    } catch (error) {
      if (!tolerated(error)) fail(error instanceof Error ? (error.stack ?? error.message) : String(error));
    }
  }

  /** The public way in. The engine class alternates from case to case. */
  private async loaded(
    { bytes }: Compilation,
    feeds: Record<string, Tensor>,
    expected: Record<string, Tensor>,
    exact: boolean,
    fail: (message: string) => void,
  ): Promise<void> {
    const model = await load(bytes, { target: this.variant, engine: ENGINES[this.cases % 2] });
    const found = model.runSync(Object.fromEntries(model.inputs.map((port) => [port.name, feeds[port.name]])));
    for (const name of Object.keys(expected)) {
      const wrong = difference(found[name], expected[name], exact);
      if (wrong) fail(`load and run: ${name}: ${wrong}`);
    }
    model.dispose();
  }

  private forced(
    { bytes, planSet: { plans } }: Compilation,
    feeds: Record<string, Tensor>,
    expected: Record<string, Tensor>,
    exact: boolean,
    fail: (message: string) => void,
  ): void {
    const pkg = readPackage(bytes);
    const { narrow, wide } = plans[0].programs;
    const same = narrow.bytes.every((byte, i) => byte === wide.bytes[i]);
    const kernels = plans[0].schedule.steps.map((step) => step.kernel);
    // Bits are the same on any number of threads and, in the build without fused rounding, on both engine classes.
    let single: Record<string, Tensor> | undefined;
    for (const engine of same ? (['narrow'] as const) : ENGINES) {
      const placed = this.machine.load(pkg, engine);
      const label = `${kernels.join(' ')} (${engine})`;
      for (const kernel of kernels) this.kernels.add(kernel);
      for (const op of placed.opCodes()) this.opCodes.add(op);
      this.combinations++;
      if (this.variant === 'relaxed') single = undefined;
      for (const threads of [1, 2, 3]) {
        placed.fill(CANARY);
        placed.write(feeds);
        const guard = new Guard(placed);
        const allowed = outputSpans(plans[0], placed);
        let stray: number | undefined;
        placed.runRecords(threads, (step) => {
          stray ??= guard.check(allowed[step]);
        });
        if (stray !== undefined) fail(`${label}: byte ${stray - placed.map.arena} of the arena is written`);
        const found = placed.read();
        single ??= found;
        for (const name of Object.keys(expected)) {
          const wrong = difference(found[name], expected[name], exact);
          if (wrong) fail(`${label}, ${threads} threads: ${name}: ${wrong}`);
          if (!identical(found[name], single[name])) fail(`${label}, ${threads} threads: other bits than before`);
        }
      }
    }
  }
}

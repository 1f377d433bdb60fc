import { cloneGraph } from '../../src/graph/edit.ts';
import type { Clamp, Graph, Node } from '../../src/graph/ir.ts';
import { convGeometry } from '../../src/ops/common/conv_geometry.ts';
import { poolGeometry } from '../../src/ops/common/pool.ts';
import { OPS } from '../../src/ops/index.ts';
import { Call } from '../../src/ops/op.ts';
import { PASSES, runPasses } from '../../src/passes/index.ts';
import { sameDims, sizeOf } from '../../src/tensor.ts';
import type { Activation, ChannelsLast, Conv, FullyConnected, Layer, MaxPool } from './layer.ts';
import { permute } from './order.ts';
import { paddingOf } from './padding.ts';

/** What a converter of models does too: constants fold, batch normalisation goes into weights, activations and padding into layers. */
const CONVERTER = new Set([
  'bind',
  'fold',
  'dead-code',
  'simplify',
  'normalize-gemm',
  'fold-affine',
  'fuse-activation',
]);
const passes = PASSES.filter(({ name }) => CONVERTER.has(name));

/**
 * The layers of a network whose inputs and outputs are images or rows of features.
 *
 * @throws ZeroskipError `UNSUPPORTED_OP` naming a node that is none of {@link Layer}'s kinds
 */
export function layersOf(graph: Graph): ChannelsLast {
  const copy = cloneGraph(graph);
  runPasses(copy, { ops: OPS, passes });
  return new Walk(copy).network();
}

class Walk {
  private readonly graph: Graph;
  private readonly layers: Layer[] = [];
  private readonly shapes = new Map<string, readonly number[]>();
  /** Values that are another one under a new shape. */
  private readonly aliases = new Map<string, string>();
  /** Image shapes of values that were flattened: their elements are in another order than ONNX's. */
  private readonly flattened = new Map<string, readonly number[]>();

  constructor(graph: Graph) {
    this.graph = graph;
  }

  network(): ChannelsLast {
    const { inputs, outputs, nodes, values } = this.graph;
    for (const name of inputs) this.shapes.set(name, shapeOf(values.get(name)!.dims as number[]));
    for (const node of nodes) this.visit(this.call(node));
    const output = this.value(outputs[0]);
    return { layers: this.layers, shapes: this.shapes, input: inputs[0], output };
  }

  private call(node: Node): Call {
    const known = (name: string) => {
      const value = this.graph.values.get(name);
      return value && { type: value.type, dims: value.dims as number[], constant: value.constant };
    };
    return new Call(node, node.inputs.map(known));
  }

  private visit(call: Call): void {
    const { node } = call;
    const dims = this.graph.values.get(node.outputs[0])!.dims as number[];
    if (node.op === 'Flatten' || node.op === 'Reshape') {
      this.reshape(call, shapeOf(dims));
      return;
    }
    const layer = this.layer(call);
    this.put(layer, layer.kind === 'mean' ? dims.slice(0, 2) : shapeOf(dims));
  }

  private layer(call: Call): Layer {
    switch (call.node.op) {
      case 'Conv':
        return this.conv(call);
      case 'Gemm':
      case 'MatMul':
        return this.fullyConnected(call);
      case 'Add':
        return this.add(call);
      case 'MaxPool':
        return this.maxPool(call);
      case 'GlobalAveragePool':
        return { kind: 'mean', ...this.ends(call.node), input: this.image(call) };
      default:
        return call.unsupported('the op has no layer here');
    }
  }

  private put(layer: Layer, shape: readonly number[]): void {
    this.layers.push(layer);
    this.shapes.set(layer.output, shape);
  }

  private value(name: string): string {
    return this.aliases.get(name) ?? name;
  }

  private ends({ name, inputs, outputs }: Node): { name: string; input: string; output: string } {
    return { name, input: this.value(inputs[0]), output: outputs[0] };
  }

  private image(call: Call): string {
    const input = this.value(call.node.inputs[0]);
    if (this.shapes.get(input)?.length !== 4) call.unsupported('it reads an image');
    return input;
  }

  private conv(call: Call): Conv {
    const g = convGeometry(call);
    const weights = call.constant(1);
    const depthwise = g.group > 1;
    if (depthwise && (g.group !== g.c || g.m !== g.c)) call.unsupported('it has one group, or a group a channel');
    if (g.dy !== 1 || g.dx !== 1) call.unsupported('it is not dilated');
    return {
      kind: depthwise ? 'depthwise' : 'conv',
      ...this.ends(call.node),
      input: this.image(call),
      weights: weights.data as Float32Array,
      dims: weights.dims,
      bias: (call.optionalConstant(2)?.data as Float32Array | undefined) ?? new Float32Array(g.m),
      strides: [g.sy, g.sx],
      padding: paddingOf(
        { size: g.h, out: g.oh, window: g.kh, stride: g.sy, begin: g.top, end: g.bottom },
        { size: g.w, out: g.ow, window: g.kw, stride: g.sx, begin: g.left, end: g.right },
      ),
      activation: activationOf(call),
    };
  }

  private maxPool(call: Call): MaxPool {
    const [y, x] = poolGeometry(call).axes;
    if (y.dilation !== 1 || x.dilation !== 1 || call.int('ceil_mode', 0) !== 0)
      call.unsupported('it is not dilated and has no part of a window at the end');
    return {
      kind: 'maxPool',
      ...this.ends(call.node),
      input: this.image(call),
      kernel: [y.kernel, x.kernel],
      strides: [y.stride, x.stride],
      padding: paddingOf({ size: y.length, window: y.kernel, ...y }, { size: x.length, window: x.kernel, ...x }),
    };
  }

  private fullyConnected(call: Call): FullyConnected {
    const { node } = call;
    const constant = call.constant(1);
    call.expectRank(1, 2);
    const transposed = node.op === 'MatMul';
    const dims = transposed ? [constant.dims[1], constant.dims[0]] : constant.dims;
    const data = constant.data as Float32Array;
    const rows = transposed ? permute(data, constant.dims, [1, 0]) : data;
    const image = this.flattened.get(node.inputs[0]);
    const [, h, w, c] = image ?? [];
    return {
      kind: 'fullyConnected',
      ...this.ends(node),
      weights: image ? permute(rows, [dims[0], c, h, w], [0, 2, 3, 1]) : rows,
      dims,
      bias: call.optionalConstant(2)?.data as Float32Array | undefined,
      activation: activationOf(call),
    };
  }

  private add(call: Call): Layer {
    const [left, right] = call.node.inputs;
    if (call.inputs.some((operand) => operand?.constant)) call.unsupported('it adds two computed values');
    if (!sameDims(call.input(0).dims, call.input(1).dims)) call.unsupported('its operands have equal dims');
    const other = this.value(right);
    return { kind: 'add', ...this.ends(call.node), input: this.value(left), other, activation: activationOf(call) };
  }

  private reshape(call: Call, shape: readonly number[]): void {
    const { node } = call;
    const [output] = node.outputs;
    const input = this.value(node.inputs[0]);
    const from = this.shapes.get(input)!;
    if (sameDims(from, shape)) {
      this.aliases.set(output, input);
      return;
    }
    const [n, h, w, c] = from;
    if (from.length !== 4 || !sameDims(shape, [n, h * w * c])) call.unsupported('it flattens images');
    const users = this.graph.nodes.filter(({ inputs }) => inputs.includes(output));
    if (
      this.graph.outputs.includes(output) ||
      !users.every(({ op, inputs }) => (op === 'Gemm' || op === 'MatMul') && inputs[0] === output)
    )
      call.unsupported('a fully connected layer reads the flattened image');
    this.flattened.set(output, from);
    this.put({ kind: 'reshape', ...this.ends(node) }, shape);
  }
}

/** `[n, h, w, c]` of an image, `[rows, features]` of anything else. */
function shapeOf(dims: readonly number[]): readonly number[] {
  if (dims.length === 4) return [dims[0], dims[2], dims[3], dims[1]];
  const features = dims[dims.length - 1];
  return [sizeOf(dims) / features, features];
}

function activationOf(call: Call): Activation {
  const clamp: Clamp | undefined = call.node.clamp;
  if (!clamp) return 'linear';
  if (clamp.lo === 0 && clamp.hi === Number.POSITIVE_INFINITY) return 'relu';
  if (clamp.lo === 0 && clamp.hi === 6) return 'relu6';
  return call.unsupported(`its activation is Relu or Relu6, found a clamp to [${clamp.lo}, ${clamp.hi}]`);
}

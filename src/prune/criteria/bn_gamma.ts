import { ensure } from '../../errors.ts';
import type { Graph } from '../../graph/ir.ts';
import type { Criterion, Layer } from '../types.ts';

/**
 * Network Slimming: `s(j) = |gamma_j|`, the scale of the batch normalisation behind output j. Networks trained with an L1 penalty on gamma have
 * many that are close to 0; one threshold over all layers is part of the method, so scores of all layers are of one scale.
 *
 * Liu et al. 2017, "Learning Efficient Convolutional Networks through Network Slimming".
 */
export const bnGamma: Criterion = {
  name: 'bn-gamma',
  summary: '|gamma| of the batch normalisation behind a layer (Network Slimming, Liu et al. 2017)',
  needs: 'nothing',
  comparable: true,
  channels: ({ layer: { name, rows }, gamma }) => {
    ensure(gamma, 'INVALID_ARGUMENT', () => `bn-gamma: no BatchNormalization stands behind layer '${name}'`);
    ensure(
      gamma.length === rows,
      'INVALID_ARGUMENT',
      () => `bn-gamma: layer '${name}' has ${rows} outputs, found ${gamma.length} scales`,
    );
    return Float32Array.from(gamma, Math.abs);
  },
};

/** Nodes between a layer and its batch normalisation that keep its channels as they are; further operands are constants. */
const BETWEEN: ReadonlySet<string> = new Set(['Add', 'Sub', 'Identity', 'Dropout']);

/**
 * Scale of the BatchNormalization behind a layer, by output; undefined if there is none that reads this layer only, or its scale is no
 * constant. An added constant (the bias of a MatMul), Identity and Dropout may stand between them.
 */
export function gammaBehind(graph: Graph, layer: Layer): ArrayLike<number> | undefined {
  for (let value = layer.output; ; ) {
    const users = graph.nodes.filter(({ inputs }) => inputs.includes(value));
    if (users.length !== 1 || graph.outputs.includes(value)) return undefined;
    const [{ op, inputs, outputs }] = users;
    if (op === 'BatchNormalization' && inputs[0] === value) {
      const scale = graph.values.get(inputs[1])?.constant;
      return scale?.type === 'float32' && scale.size === layer.rows ? (scale.data as Float32Array) : undefined;
    }
    const plain = inputs.every((name) => name === value || name === '' || graph.values.get(name)?.constant);
    if (!BETWEEN.has(op) || !plain) return undefined;
    value = outputs[0];
  }
}

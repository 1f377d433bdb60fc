import type { Operand } from '../axes.ts';
import type { NodeAxes, Relate } from '../coupling.ts';

/** Every axis of `x` goes with the axis of `y` that it broadcasts to. */
function linkAligned(call: NodeAxes, x: Operand, y: Operand): void {
  const shift = y.dims.length - x.dims.length;
  x.dims.forEach((d, axis) => {
    if (d === y.dims[axis + shift]) call.link(y, axis + shift, x, axis);
  });
}

/** `y = f(a, b, …)` with broadcasting: all operands that have an axis lose the same indices of it. */
export const elementwise: Relate = (call) => {
  const y = call.output();
  if (!y) return;
  call.node.inputs.forEach((_, i) => {
    const x = call.input(i);
    if (x) linkAligned(call, x, y);
  });
};

/** `y = f(x)`; other operands are scalars, other outputs have the shape of `x`. */
export const unary: Relate = (call) => {
  const x = call.input(0);
  if (!x) return;
  call.node.outputs.forEach((_, i) => {
    const y = call.output(i);
    if (y) linkAligned(call, x, y);
  });
};

/** Scale, bias, mean and variance have a number a channel. */
export const batchNormalization: Relate = (call) => {
  unary(call);
  const y = call.output();
  for (let i = 1; i < 5; i++) {
    const vector = call.input(i);
    if (y && vector) call.link(y, 1, vector, 0);
  }
};

/**
 * Mean and variance over the axes from `axis` on change with their number, so those stay. Scale and bias lie along them, the statistics
 * along the others.
 */
export const layerNormalization: Relate = (call) => {
  unary(call);
  const [x, y] = [call.input(0), call.output()];
  if (!x || !y) return;
  const axis = (call.node.attrs.axis as number | undefined) ?? -1;
  for (let i = axis < 0 ? axis + x.dims.length : axis; i < x.dims.length; i++) call.block(x, i, 'normalises over them');
  for (const i of [1, 2]) {
    const vector = call.input(i);
    if (vector) linkAligned(call, vector, y);
  }
};

/** `y = softmax(x)` along `axis`: the sum of the others is in every number. */
export const softmax: Relate = (call) => {
  unary(call);
  const x = call.input(0);
  if (!x) return;
  const axis = (call.node.attrs.axis as number | undefined) ?? -1;
  const first = axis < 0 ? axis + x.dims.length : axis;
  x.dims.forEach((_, i) => {
    if (i === first || (i > first && call.node.attrs.flatten)) call.block(x, i, 'does not keep channels apart');
  });
};

/** `y = condition ? a : b`, several at once. */
export const branch: Relate = (call) => {
  const count = call.node.outputs.length;
  for (let k = 0; k < count; k++) {
    const y = call.output(k);
    for (const i of [1 + k, 1 + count + k]) {
      const x = call.input(i);
      if (x && y) linkAligned(call, x, y);
      else if (x) call.blockAll('is a branch that does not run', x);
    }
  }
};

import { range } from '../../linear.ts';
import type { Operand } from '../axes.ts';
import type { NodeAxes, Relate } from '../coupling.ts';

/**
 * Filters are rows of the weights, inputs their columns. A grouped Conv loses whole groups, inputs and filters together, or as another
 * choice the same filters (or inputs) in each group. A depthwise one has groups of one input.
 */
export const conv: Relate = (call) => {
  const [x, weight, bias, y] = [call.input(0), call.input(1), call.input(2), call.output()];
  if (!x || !weight || !y) return;
  const groups = (call.node.attrs.group as number | undefined) ?? 1;
  const [filters, ins] = weight.dims;
  call.link(y, 0, x, 0);
  for (const operand of [x, y])
    for (let axis = 2; axis < operand.dims.length; axis++) call.block(operand, axis, 'reads them along another axis');
  for (let axis = 2; axis < weight.dims.length; axis++) call.block(weight, axis, 'has them as taps');
  call.link(y, 1, weight, 0);
  if (bias) call.link(y, 1, bias, 0);
  call.multiplies(y, weight, ...range(weight.dims.length).slice(1));
  const constant = call.known(1) !== undefined;
  if (constant) call.produces(weight, 0, 1, groups > 1 && ins === 1);
  else for (const axis of [0, 1]) call.block(weight, axis, 'has weights that are computed');
  if (groups === 1) call.link(x, 1, weight, 1);
  else grouped(call, x, weight, { groups, ins, outs: filters / groups });
};

function grouped(
  call: NodeAxes,
  x: Operand,
  weight: Operand,
  { groups, ins, outs }: { groups: number; ins: number; outs: number },
): void {
  const y = call.output()!;
  const whole = call.groups(groups);
  const decide = (_operand: Operand, _axis: number, choice: number): void => {
    if (choice === 0) {
      call.link(whole, 0, x, 1, (c) => Math.floor(c / ins));
      call.link(whole, 0, weight, 0, (r) => Math.floor(r / outs));
    } else {
      call.link(weight, 1, x, 1, (c) => c % ins);
      if (outs === 1) call.block(weight, 0, `has ${groups} groups of one output`);
      else call.link(call.within(outs), 0, weight, 0, (r) => r % outs);
      if (ins === 1) call.block(x, 1, `has ${groups} groups of one input`);
    }
  };
  call.site(ins === 1 && outs === 1 ? 1 : 2, decide, [x, 1], [weight, 0], [weight, 1], [y, 1]);
  call.fix((edit, kept) => {
    const group = kept.dims(whole)[0];
    if (group !== groups) edit.setNode(call.node, { attrs: { ...call.node.attrs, group } });
  });
}

/** `Y = alpha A' B' + beta C`: A' and B' lose the same inner indices, B' and C the columns of Y. */
export const gemm: Relate = (call) => {
  const [a, b, c, y] = [call.input(0), call.input(1), call.input(2), call.output()];
  if (!a || !b || !y) return;
  const [row, inner] = call.node.attrs.transA ? [1, 0] : [0, 1];
  const [depth, column] = call.node.attrs.transB ? [1, 0] : [0, 1];
  call.link(y, 0, a, row);
  call.link(y, 1, b, column);
  call.link(a, inner, b, depth);
  c?.dims.forEach((d, axis) => {
    const to = axis + 2 - c.dims.length;
    if (d === y.dims[to]) call.link(y, to, c, axis);
  });
  call.multiplies(y, b, depth);
  if (call.known(1)) call.produces(b, column, depth);
};

/** `Y = A B` over the last two axes, the others broadcast; the fused bias lies along the last axis of Y. */
export const matMul: Relate = (call) => {
  const [a, b, bias, y] = [call.input(0), call.input(1), call.input(2), call.output()];
  if (!a || !b || !y) return;
  const inner = a.dims.length - 1;
  const depth = Math.max(0, b.dims.length - 2);
  const columns = b.dims.length > 1 ? [b.dims.length - 1] : [];
  call.link(a, inner, b, depth);
  call.multiplies(y, b, depth);
  for (const axis of columns) call.link(y, y.dims.length - 1, b, axis);
  if (a.dims.length > 1) call.link(y, y.dims.length - 1 - columns.length, a, inner - 1);
  for (const [x, rank] of [
    [a, a.dims.length - 2],
    [b, depth],
  ] as const) {
    const shift = y.dims.length - columns.length - (a.dims.length > 1 ? 1 : 0) - rank;
    for (let axis = 0; axis < rank; axis++) {
      if (x.dims[axis] === y.dims[axis + shift]) call.link(y, axis + shift, x, axis);
      if (!call.known(0) && !call.known(1)) call.batches(y, axis + shift);
    }
  }
  if (bias) call.link(y, y.dims.length - 1, bias, 0);
  if (call.known(1)) for (const axis of columns) call.produces(b, axis, depth);
  else if (call.known(0) && a.dims.length > 1) call.produces(a, inner - 1, inner);
};

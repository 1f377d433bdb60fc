import * as F from '../../../assembly/abi/conv_dw.ts';
import { OP_CONV_DW } from '../../../assembly/abi.ts';
import { describeStructure, sparsityOf } from '../../sparse/structure.ts';
import { anyPlanes, type Candidate } from '../lower.ts';
import type { ConvGeometry } from './conv_geometry.ts';
import type { LinearLayer } from './linear.ts';

const NS_PER_TAP = { 1: 0.09, 2: 0.14 };

/** `f32_conv_dw`: one filter a channel; undefined for other convolutions. */
export function depthwiseCandidate(g: ConvGeometry, layer: LinearLayer): Candidate | undefined {
  if (g.group !== g.c || g.m !== g.c || g.group === 1) return undefined;
  const taps = g.kh * g.kw;
  const macs = g.n * g.m * g.oh * g.ow * taps;
  return {
    kernel: 'f32_conv_dw',
    format: 'dense',
    reject: g.sx > 2 ? `steps of 1 or 2 columns, found ${g.sx}` : undefined,
    cost: macs * (g.sx === 2 ? NS_PER_TAP[2] : NS_PER_TAP[1]) + g.n * g.m * 10,
    inputs: [
      { ...anyPlanes(false), top: g.top, left: g.left, bottom: g.bottom, right: g.right },
      { kind: 'none' },
      { kind: 'none' },
    ],
    output: 'planes',
    weights: {
      structure: describeStructure(layer.structure),
      sparsity: sparsityOf(layer.structure),
      bytes: layer.matrix.data.byteLength,
    },
    macs: { kept: macs, dense: macs },
    emit(e) {
      const x = e.input(0);
      const y = e.output();
      if (x.layout.kind !== 'planes' || y.layout.kind !== 'planes') throw new TypeError('planes layouts expected');
      const from = x.layout;
      const to = y.layout;
      // Equal pitches make the plane one long row: no tails.
      const flat = g.sx === 1 && g.sy === 1 && from.pitch === to.pitch;
      e.record(OP_CONV_DW, F.DW_SIZE)
        .at(F.DW_X, x, (from.top - g.top) * from.pitch + from.left - g.left)
        .at(F.DW_Y, y, to.top * to.pitch + to.left)
        .constant(F.DW_WEIGHTS, e.constant(layer.matrix.data))
        .constant(F.DW_BIAS, e.constant(layer.bias))
        .int(F.DW_CHANNELS, g.c)
        .int(F.DW_IMAGES, g.n)
        .int(F.DW_KERNEL_H, g.kh)
        .int(F.DW_KERNEL_W, g.kw)
        .int(F.DW_TAP_Y, g.dy * from.pitch * 4)
        .int(F.DW_TAP_X, g.dx * 4)
        .int(F.DW_STEP_X, g.sx)
        .int(F.DW_ROWS, flat ? 1 : g.oh)
        .int(F.DW_COLS, flat ? (g.oh - 1) * to.pitch + g.ow : g.ow)
        .int(F.DW_X_ROW, g.sy * from.pitch * 4)
        .int(F.DW_Y_ROW, to.pitch * 4)
        .int(F.DW_X_PLANE, from.stride * 4)
        .int(F.DW_Y_PLANE, to.stride * 4)
        .int(F.DW_X_IMAGE, from.image * 4)
        .int(F.DW_Y_IMAGE, to.image * 4)
        .float(F.DW_LO, layer.clamp.lo)
        .float(F.DW_HI, layer.clamp.hi);
    },
  };
}

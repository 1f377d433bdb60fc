import * as F from '../../../assembly/abi/conv_dw.ts';
import { OP_CONV_DW } from '../../../assembly/abi.ts';
import { describeStructure, sparsityOf } from '../../sparse/structure.ts';
import { anyPlanes, type Candidate } from '../lower.ts';
import type { ConvGeometry } from './conv_geometry.ts';
import { modelled } from './cost_model.ts';
import { DEPTHWISE } from './costs.ts';
import type { LinearLayer } from './linear.ts';

/** `f32_conv_dw__3x3`: depthwise 3x3 with steps of 1 or 2 and pads of at most 1; undefined for other convolutions. */
export function depthwiseCandidate(g: ConvGeometry, layer: LinearLayer): Candidate | undefined {
  const { sx, sy, left, top } = g;
  const depthwise = g.group === g.c && g.m === g.c && g.group > 1;
  const window = g.kh === 3 && g.kw === 3 && g.dy === 1 && g.dx === 1 && sx === sy && (sx === 1 || sx === 2);
  const reach = (g.ow - 1) * sx - left + 2 <= g.w && (g.oh - 1) * sy - top + 2 <= g.h;
  const edges = left <= 1 && top <= 1 && reach && g.oh >= 1 && g.ow >= 4;
  if (!depthwise || !window || !edges) return undefined;
  const planes = g.n * g.m;
  const macs = planes * g.oh * g.ow * 9;
  return {
    kernel: 'f32_conv_dw__3x3',
    format: 'dense',
    ...modelled(`DEPTHWISE.${sx}`, DEPTHWISE[sx], {
      vector: planes * g.oh * Math.ceil(g.ow / 4),
      plane: planes,
    }),
    inputs: [anyPlanes(false), { kind: 'none' }, { kind: 'none' }],
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
      if (g.n === 0) return;
      e.record(OP_CONV_DW, F.DW_SIZE)
        .at(F.DW_X, x, x.layout.top * x.layout.pitch + x.layout.left)
        .at(F.DW_Y, y, y.layout.top * y.layout.pitch + y.layout.left)
        .constant(F.DW_WEIGHTS, e.constant(layer.matrix.data))
        .constant(F.DW_BIAS, e.constant(layer.bias))
        .constant(F.DW_ZEROS, e.constant(new Float32Array(g.w + 16)))
        .int(F.DW_CHANNELS, g.c)
        .int(F.DW_IMAGES, g.n)
        .int(F.DW_H, g.h)
        .int(F.DW_W, g.w)
        .int(F.DW_OUT_H, g.oh)
        .int(F.DW_OUT_W, g.ow)
        .int(F.DW_TOP, top)
        .int(F.DW_LEFT, left)
        .int(F.DW_STEP, sx)
        .int(F.DW_X_ROW, x.layout.pitch * 4)
        .int(F.DW_Y_ROW, y.layout.pitch * 4)
        .int(F.DW_X_PLANE, x.layout.stride * 4)
        .int(F.DW_Y_PLANE, y.layout.stride * 4)
        .int(F.DW_X_IMAGE, x.layout.image * 4)
        .int(F.DW_Y_IMAGE, y.layout.image * 4)
        .float(F.DW_LO, layer.clamp.lo)
        .float(F.DW_HI, layer.clamp.hi);
    },
  };
}

import * as F from '../../../assembly/abi/conv_dw.ts';
import { OP_CONV_DW } from '../../../assembly/abi.ts';
import { roundUp } from '../../graph/layout.ts';
import { describeStructure, sparsityOf } from '../../sparse/structure.ts';
import { anyPlanes, type Candidate } from '../lower.ts';
import type { ConvGeometry } from './conv_geometry.ts';
import type { LinearLayer } from './linear.ts';

const NS_PER_TAP = { grid: 0.05, any: 0.07 };
const NS_PER_PLANE = 20;
const NS_PER_COPIED_ELEMENT = 0.1;

/** Bytes of scratch that stay in the first-level cache beside the planes. */
const SCRATCH_BYTES = 16 * 1024;

/** `f32_conv_dw`: one filter a channel; undefined for other convolutions. */
export function depthwiseCandidate(g: ConvGeometry, layer: LinearLayer): Candidate | undefined {
  if (g.group !== g.c || g.m !== g.c || g.group === 1) return undefined;
  const taps = g.kh * g.kw;
  const planes = g.n * g.m;
  const macs = planes * g.oh * g.ow * taps;
  const grid = g.kh === 3 && g.kw === 3;
  return {
    kernel: 'f32_conv_dw',
    format: 'dense',
    cost:
      macs * (grid ? NS_PER_TAP.grid : NS_PER_TAP.any) + planes * (NS_PER_PLANE + g.h * g.w * NS_PER_COPIED_ELEMENT),
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
      if (macs === 0) return;
      const s = scratchLayout(g);
      const offsets: number[] = [];
      for (let ky = 0; ky < g.kh; ky++) {
        for (let kx = 0; kx < g.kw; kx++) {
          const column = kx * g.dx;
          offsets.push(ky * g.dy * s.row + (column % g.sx) * s.phase + Math.floor(column / g.sx) * 4);
        }
      }
      e.record(OP_CONV_DW, F.DW_SIZE)
        .at(F.DW_X, x, x.layout.top * x.layout.pitch + x.layout.left)
        .at(F.DW_Y, y, y.layout.top * y.layout.pitch + y.layout.left)
        .constant(F.DW_WEIGHTS, e.constant(layer.matrix.data))
        .constant(F.DW_BIAS, e.constant(layer.bias))
        .constant(F.DW_OFFSETS, e.constant(Uint32Array.from(offsets)))
        .at(F.DW_SCRATCH, e.scratch(s.area / 4))
        .int(F.DW_AREAS, 1)
        .int(F.DW_AREA, s.area)
        .int(F.DW_TAPS, taps)
        .int(F.DW_CHANNELS, g.c)
        .int(F.DW_IMAGES, g.n)
        .int(F.DW_H, g.h)
        .int(F.DW_W, g.w)
        .int(F.DW_OUT_H, g.oh)
        .int(F.DW_OUT_W, g.ow)
        .int(F.DW_TOP, g.top)
        .int(F.DW_LEFT, g.left)
        .int(F.DW_STEP_Y, g.sy)
        .int(F.DW_STEP_X, g.sx)
        .int(F.DW_BAND, s.band)
        .int(F.DW_BAND_ROWS, s.bandRows)
        .int(F.DW_PHASE, s.phase)
        .int(F.DW_ROW, s.row)
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

/** A band of padded input rows, each split by column parity; in bytes. */
function scratchLayout(g: ConvGeometry) {
  const columns = g.left + g.w + g.right;
  const phase = Math.ceil(columns / g.sx) * 4;
  const row = phase * g.sx;
  const window = (g.kh - 1) * g.dy + 1;
  const fitting = Math.floor((SCRATCH_BYTES / row - window) / g.sy) + 1;
  const band = Math.max(1, Math.min(g.oh, fitting));
  const bandRows = (band - 1) * g.sy + window;
  // Whole vectors are loaded at the end of a row.
  return { phase, row, band, bandRows, area: roundUp(bandRows * row + 16 + (g.kw - 1) * g.dx * 4, 16) };
}

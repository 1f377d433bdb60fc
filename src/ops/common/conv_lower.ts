import { wholeRows } from '../../sparse/matrix.ts';
import {
  anyPlanes,
  type Candidate,
  type Emitter,
  flatSpan,
  type LowerCall,
  type Operand,
  type PlanesDemand,
} from '../lower.ts';
import { floats } from '../op.ts';
import { type ConvGeometry, convGeometry } from './conv_geometry.ts';
import { depthwiseCandidate } from './depthwise.ts';
import { type LinearLayer, linearLayer } from './linear.ts';
import { liveCandidates } from './live_spmm.ts';
import { type SpmmOperands, type SpmmSite, spmmCandidates, TILE_VECTORS } from './spmm.ts';
import { spmvCandidates } from './spmv.ts';

const none = { kind: 'none' } as const;

/** Kernels for a Conv with constant weights and two spatial dims; operand 3, if there is one, is added to the output. */
export function convCandidates(call: LowerCall): Candidate[] {
  const rank = call.input(0).dims.length;
  if (rank !== 4) call.unsupported(`convolutions have 1 or 2 spatial dimensions, found ${rank - 2}`);
  const weights = floats(call.constant(1));
  const bias = call.optionalConstant(2);
  const g = convGeometry(call);
  const taps = g.kh * g.kw;
  const perGroup = g.m / g.group;
  const width = (g.c / g.group) * taps;
  const matrix =
    g.group === 1
      ? wholeRows(g.m, width, weights)
      : { rows: g.m, cols: g.c * taps, width, data: weights, first: (r: number) => Math.floor(r / perGroup) * width };
  const layer = linearLayer(call, matrix, taps, bias && floats(bias));
  const demand = planesDemand(g);
  const addend = call.optional(3) ? 3 : undefined;
  const inputs = [demand, none, none, ...(addend ? [anyPlanes(true)] : [])];
  // Gap columns are computed too.
  const columns = g.n * g.oh * (g.ow + Math.max(g.left, g.right));
  const site: SpmmSite = {
    inputs,
    output: 'planes',
    columns,
    images: g.n,
    reads: columns * g.c * demand.phasesY * demand.phasesX,
    sparse: call.sparse,
    addend,
    operands: (e) => ({ ...planesOperands(e, g), z: addend ? addendOf(e.input(addend)) : undefined }),
  };
  const statics = spmmCandidates(layer, site);
  const live = liveCandidates(layer, { ...site, zeros: call.zeros(0), threshold: call.threshold }, statics);
  const candidates = [...statics, ...live, ...rowCandidates(call, g, layer, addend)];
  if (addend) return candidates;
  const depthwise = depthwiseCandidate(g, layer);
  if (depthwise) candidates.push(depthwise);
  candidates.push(...vectorCandidates(call, g, layer));
  return candidates;
}

/** Columns of a tile of the dense kernel. */
const TILE = 4 * TILE_VECTORS.dense;

/** Rows of whole tiles, each as an image: no gap is computed, and the output needs none. */
function rowCandidates(call: LowerCall, g: ConvGeometry, layer: LinearLayer, addend: number | undefined): Candidate[] {
  const padded = g.kw > 1 && g.n === 1 && g.sx === 1 && g.sy === 1;
  if (!padded || g.group !== 1 || g.ow % TILE !== 0) return [];
  const columns = g.oh * g.ow;
  const inputs = [{ ...planesDemand(g), flat: false }, none, none, ...(addend ? [anyPlanes(false)] : [])];
  const rows = spmmCandidates(layer, {
    inputs,
    output: 'planes',
    columns,
    images: g.oh,
    reads: columns * g.c,
    sparse: call.sparse,
    addend,
    operands(e) {
      const whole = planesOperands(e, g);
      const z = addend ? addendOf(e.input(addend)) : undefined;
      return {
        ...whole,
        cols: g.ow,
        images: g.oh,
        xImage: pitchOf(e.input(0)),
        yImage: pitchOf(e.output()),
        z: z && { ...z, image: pitchOf(z.operand) },
      };
    },
  });
  return rows.filter(({ format }) => format === 'dense').map((c) => ({ ...c, kernel: `${c.kernel}_rows` }));
}

const pitchOf = ({ layout }: Operand): number => (layout.kind === 'planes' ? layout.pitch : 0);

/** Halo, and split by stride parity where the kernel strides; only sub-planes that a tap reads are stored. */
function planesDemand(g: ConvGeometry): PlanesDemand {
  return {
    kind: 'planes',
    top: g.top,
    left: g.left,
    bottom: g.bottom,
    right: g.right,
    stepY: g.sy,
    stepX: g.sx,
    phasesY: Math.min(g.sy, (g.kh - 1) * g.dy + 1),
    phasesX: Math.min(g.sx, (g.kw - 1) * g.dx + 1),
    flat: true,
  };
}

function planesOperands(e: Emitter, g: ConvGeometry): SpmmOperands {
  const x = e.input(0);
  const y = e.output();
  if (x.layout.kind !== 'planes' || y.layout.kind !== 'planes') throw new TypeError('planes layouts expected');
  const { layout } = x;
  const taps: number[] = [];
  for (let ky = 0; ky < g.kh; ky++) {
    for (let kx = 0; kx < g.kw; kx++) {
      const r = ky * g.dy;
      const q = kx * g.dx;
      const phase = (r % g.sy) * layout.phasesX + (q % g.sx);
      taps.push(4 * (phase * layout.phase + Math.floor(r / g.sy) * layout.pitch + Math.floor(q / g.sx)));
    }
  }
  return {
    x,
    y,
    // A halo that other consumers asked for may be wider than the pads of this node; with steps they are equal.
    xStart: (layout.top - g.top) * layout.pitch + layout.left - g.left,
    yStart: y.layout.top * y.layout.pitch + y.layout.left,
    cols: flatSpan(y.layout, g.oh, g.ow),
    images: g.n,
    xImage: layout.image,
    yImage: y.layout.image,
    yRow: y.layout.stride,
    geometry: { channels: g.c, channelBytes: layout.stride * 4, taps },
  };
}

function addendOf(operand: Operand): SpmmOperands['z'] {
  const { layout } = operand;
  if (layout.kind !== 'planes') throw new TypeError('planes layouts expected');
  return { operand, start: layout.top * layout.pitch + layout.left, image: layout.image, row: layout.stride };
}

/** A window that covers the whole unpadded image is a fully connected layer. */
function vectorCandidates(call: LowerCall, g: ConvGeometry, layer: LinearLayer): Candidate[] {
  const whole = g.kh === g.h && g.kw === g.w && g.oh * g.ow === 1 && g.top + g.left + g.bottom + g.right === 0;
  if (!whole || g.group !== 1) return [];
  return spmvCandidates(layer, {
    inputs: [{ kind: 'dense' }, none, none],
    batch: g.n,
    length: layer.matrix.cols,
    geometry: { channels: layer.matrix.cols, channelBytes: 4, taps: [0] },
    sparse: call.sparse,
  });
}

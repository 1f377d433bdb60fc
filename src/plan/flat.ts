import type { Candidate, Demand, PlanesDemand } from '../ops/lower.ts';
import { pitchOf } from './geometry.ts';

/** ns a row of a plane for clearing what a reader wants to see as zero around it. */
const HALO_ROW_NS = 1;

/** True for demands that only a copy with split planes can serve. */
export const phased = (d: PlanesDemand): boolean => d.stepY > 1 || d.stepX > 1;

const isFlat = (demand: Demand): demand is PlanesDemand => demand.kind === 'planes' && demand.flat;

/** True if the output has the pitch of an operand. */
export const isFlatMaker = ({ inputs, output }: Candidate): boolean => output === 'planes' && inputs.some(isFlat);

/** Elements between rows of the planes that a candidate makes, as far as its own operands decide it. */
export function outputPitch({ inputs }: Candidate, operands: readonly (readonly number[])[], width: number): number {
  return inputs.reduce(
    (pitch, demand, i) => (isFlat(demand) ? Math.max(pitch, pitchOf(operands[i][3], [demand])) : pitch),
    width,
  );
}

/** Planes between a maker and a reader; times in ns. */
interface Meeting {
  dims: readonly number[];
  /** Pitch that the planes have, and demands that they serve, without this reader. */
  pitch: number;
  demands: readonly PlanesDemand[];
  /** What the maker takes, 0 unless it is flat. */
  makerNs: number;
  readerNs: number;
}

/**
 * What it costs that a reader meets planes: a flat kernel computes the gaps of the wider pitch that the other one brings, and a halo
 * has to be cleared.
 */
export function meetingCost({ dims, pitch, demands, makerNs, readerNs }: Meeting, demand: Demand): number {
  if (demand.kind !== 'planes' || phased(demand)) return 0;
  const [n, c, h, w] = dims;
  const now = Math.max(pitch, pitchOf(w, demands));
  const wanted = pitchOf(w, [demand]);
  const wider = vectorsOf(h, w, Math.max(now, wanted)) / vectorsOf(h, w, Math.min(now, wanted)) - 1;
  const clearing =
    hasHalo(demand) && !demands.some(hasHalo) ? n * c * (h + demand.top + demand.bottom) * HALO_ROW_NS : 0;
  if (wanted > now) return clearing + makerNs * wider;
  return clearing + (demand.flat ? readerNs * wider : 0);
}

/** Vectors that a flat kernel computes of a plane. */
const vectorsOf = (h: number, w: number, pitch: number): number => Math.ceil(((h - 1) * pitch + w) / 4) || 1;

const hasHalo = ({ top, left, bottom, right }: PlanesDemand): boolean => top + left + bottom + right > 0;

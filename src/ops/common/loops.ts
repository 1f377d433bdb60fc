/** A loop of a strided kernel: its count and the step of each operand in elements. */
export interface Loop {
  count: number;
  steps: readonly number[];
}

/** The same walk with fewer loops: loops of one step drop out, neighbours that step evenly through every operand merge. */
export function collapse(loops: readonly Loop[]): Loop[] {
  const merged: Loop[] = [];
  for (const loop of loops) {
    if (loop.count === 1) continue;
    const outer = merged.at(-1);
    if (outer?.steps.every((step, i) => step === loop.steps[i] * loop.count))
      merged[merged.length - 1] = { count: outer.count * loop.count, steps: loop.steps };
    else merged.push(loop);
  }
  return merged;
}

/** {@link collapse}, split into outer loops and an inner one whose steps satisfy `accepts`: the last loop, or a loop of one step. */
export function splitInner(
  loops: readonly Loop[],
  operands: number,
  accepts: (steps: readonly number[]) => boolean,
): { outer: Loop[]; inner: Loop } {
  const outer = collapse(loops);
  const last = outer.at(-1);
  if (last && accepts(last.steps)) return { outer: outer.slice(0, -1), inner: last };
  return { outer, inner: { count: 1, steps: new Array<number>(operands).fill(1) } };
}

/** `loops` preceded by loops of one step, `rank` in all. */
export function padLoops(loops: readonly Loop[], rank: number): Loop[] {
  const steps = new Array<number>(loops[0]?.steps.length ?? 3).fill(0);
  return [...new Array<Loop>(rank - loops.length).fill({ count: 1, steps }), ...loops];
}

/** Modelled time in ns of a record that handles `elements` in rows of `row` elements at `each` ns. */
export const elementwiseCost = (elements: number, row: number, each: number): number =>
  50 + elements * each + 6 * Math.ceil(elements / Math.max(1, row));

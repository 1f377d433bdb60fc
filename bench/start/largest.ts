/** The largest output of a first result, and where it is. */
export interface First {
  best: number;
  value: number;
}

/** Of no outputs it is `{ best: 0, value: 0 }`. */
export function largest(output: ArrayLike<number>): First {
  let best = 0;
  for (let i = 1; i < output.length; i++) if (output[i] > output[best]) best = i;
  return { best, value: output[best] ?? 0 };
}

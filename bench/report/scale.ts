import { linear, type Scale } from '../../src/report/scale.ts';

/** Linear in the logarithm. */
export const logarithmic = ([a, b]: readonly [number, number], range: readonly [number, number]): Scale => {
  const scale = linear([Math.log(a), Math.log(b)], range);
  return (value) => scale(Math.log(value));
};

/** The steps 1, 2, 5, 10, … from the last one that is at most `least` to the first one that is at least `most`. */
export function logTicks(least: number, most: number): number[] {
  const ticks: number[] = [];
  const first = Math.floor(Math.log10(least));
  const last = Math.ceil(Math.log10(most));
  for (let exponent = first; exponent <= last; exponent++) {
    for (const digit of [1, 2, 5]) ticks.push(Number(`${digit}e${exponent}`));
  }
  const from = ticks.findLastIndex((tick) => tick <= least);
  const to = ticks.findIndex((tick) => tick >= most);
  return ticks.slice(Math.max(0, from), to < 0 ? undefined : to + 1);
}

/**
 * Moves wanted positions apart until each is `gap` from the next, in their order, as little as neighbours allow, and all lie within
 * `least` and `most` if there is room.
 */
export function spread(wanted: readonly number[], gap: number, least: number, most: number): number[] {
  const order = wanted.map((_, i) => i).sort((a, b) => wanted[a] - wanted[b] || a - b);
  // Groups of labels that touch; a group stands where its members want to be on average.
  const groups: { members: number[]; top: number }[] = [];
  const place = (members: number[]): { members: number[]; top: number } => {
    const mean = members.reduce((sum, m, i) => sum + wanted[m] - i * gap, 0) / members.length;
    const height = (members.length - 1) * gap;
    return { members, top: Math.max(least, Math.min(mean, most - height)) };
  };
  for (const index of order) {
    let group = place([index]);
    for (
      let above = groups.at(-1);
      above && above.top + above.members.length * gap > group.top;
      above = groups.at(-1)
    ) {
      groups.pop();
      group = place([...above.members, ...group.members]);
    }
    groups.push(group);
  }
  const result = new Array<number>(wanted.length);
  for (const { members, top } of groups) {
    for (const [i, member] of members.entries()) result[member] = top + i * gap;
  }
  return result;
}

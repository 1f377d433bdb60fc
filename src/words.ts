/** Number of single-character edits that turn `a` into `b`. */
export function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      next[j] = Math.min(row[j] + 1, next[j - 1] + 1, row[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1));
    }
    row = next;
  }
  return row[b.length];
}

/** `; did you mean 'x'?` for the name that `word` most resembles, or nothing. */
export function didYouMean(word: string, names: readonly string[]): string {
  const short = word.slice(0, 40);
  const rated = names.map((name) => ({ name, distance: name.startsWith(short) ? 0 : editDistance(short, name) }));
  const nearest = rated.sort((a, b) => a.distance - b.distance)[0];
  return nearest && nearest.distance <= Math.max(1, word.length / 3) ? `; did you mean '${nearest.name}'?` : '';
}

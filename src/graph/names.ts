/** Makes names that are not `taken` yet: `base`, or `base_<n>`. */
export function uniqueNames(taken: Set<string>): (base: string) => string {
  const counts = new Map<string, number>();
  return (base) => {
    let name = base;
    while (taken.has(name)) {
      const n = (counts.get(base) ?? 0) + 1;
      counts.set(base, n);
      name = `${base}_${n}`;
    }
    taken.add(name);
    return name;
  };
}

const WIDTH = 30;

/** A bar on standard error, on a terminal only. @returns what draws a share from 0 to 1, and removes the bar at 1 */
export function progressBar(label: string): (share: number) => void {
  const { stderr } = process;
  if (!stderr.isTTY) return () => {};
  return (share) => {
    const full = Math.round(Math.min(1, Math.max(0, share)) * WIDTH);
    stderr.write(share >= 1 ? '\r\x1b[K' : `\r${label} [${'='.repeat(full)}${' '.repeat(WIDTH - full)}]`);
  };
}

/** {@link progressBar} with the time that is left, from the pace so far. */
export function timedBar(label: string): (share: number) => void {
  const { stderr } = process;
  if (!stderr.isTTY) return () => {};
  const start = performance.now();
  return (share) => {
    if (share >= 1) {
      stderr.write('\r\x1b[K');
      return;
    }
    const full = Math.round(Math.max(0, share) * WIDTH);
    const left = share > 0.01 ? ((performance.now() - start) / share) * (1 - share) : undefined;
    const time = left === undefined ? '' : ` ${Math.ceil(left / 1000)} s left`;
    stderr.write(`\r\x1b[K${label} [${'='.repeat(full)}${' '.repeat(WIDTH - full)}]${time}`);
  };
}

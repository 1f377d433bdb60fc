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

/** An estimate from the shares that were done so far: `about 3 min left`; nothing while there is too little to go by. */
export function timeLeft(now: () => number = () => performance.now()): (share: number) => string {
  const start = now();
  return (share) => {
    const elapsed = now() - start;
    if (share <= 0.002 || elapsed < 2000) return '';
    const seconds = (elapsed * (1 - share)) / share / 1000;
    if (seconds < 90) return `about ${Math.ceil(seconds)} s left`;
    return seconds < 5400
      ? `about ${Math.round(seconds / 60)} min left`
      : `about ${(seconds / 3600).toFixed(1)} h left`;
  };
}

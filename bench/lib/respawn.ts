import { spawnSync } from 'node:child_process';
import { pinned } from './pin.ts';

const MARK = 'ZEROSKIP_BENCH_PINNED';

/** Whether this process is the one that {@link respawn} has started. */
export const isRespawned = (): boolean => process.env[MARK] !== undefined;

/** Runs this script once more, under `node` and pinned to `core`, with the same arguments. @returns its exit code */
export function respawn(node: string, core: number | undefined): number {
  const [command, args] = pinned(core, node, ['--import', 'tsx', ...process.argv.slice(1)]);
  const { status, error } = spawnSync(command, args, {
    stdio: 'inherit',
    env: { ...process.env, [MARK]: String(core ?? '') },
  });
  if (error) throw error;
  return status ?? 1;
}

/** The core that this process was pinned to by {@link respawn}. */
export const respawnedOn = (): number | null => (process.env[MARK] ? Number(process.env[MARK]) : null);

import { accessSync, constants, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** The last core that this process may use, where Linux tells and `taskset` is installed; undefined: processes cannot be pinned. */
export function defaultCore(): number | undefined {
  if (!tasksetExists()) return undefined;
  try {
    return lastOf(/^Cpus_allowed_list:\s*(\S+)/m.exec(readFileSync('/proc/self/status', 'utf8'))?.[1] ?? '');
  } catch {
    return undefined;
  }
}

/** Last number of a list such as `0-3,8`. */
export function lastOf(list: string): number | undefined {
  const last = /(\d+)$/.exec(list.trim())?.[1];
  return last === undefined ? undefined : Number(last);
}

function tasksetExists(): boolean {
  return (process.env.PATH ?? '').split(delimiter).some((folder) => {
    try {
      accessSync(join(folder, 'taskset'), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}

/** The command that runs `file` on one core only; as it is where there is no core to pin it to. */
export const pinned = (core: number | undefined, file: string, args: readonly string[]): [string, string[]] =>
  core === undefined ? [file, [...args]] : ['taskset', ['-c', String(core), file, ...args]];

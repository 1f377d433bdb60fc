import { existsSync } from 'node:fs';
import { nodeReleasePath } from '../../bench/lib/node_release.ts';
import { bytesLoaded } from './bytes.ts';
import type { Host } from './host.ts';
import { runProgram } from './process.ts';

const current = Number(process.versions.node.split('.')[0]);

/** This Node, and the two that results are quoted for. */
const MAJORS = [...new Set([current, 20, 24])].sort((a, b) => a - b);

/** Path of a version of Node: this one, `$ZEROSKIP_NODE24`, or the one that `npm run bench -- --node 24` has installed. */
export function nodePath(major: number): string | undefined {
  if (major === current) return process.execPath;
  const named = process.env[`ZEROSKIP_NODE${major}`];
  if (named) return named;
  const installed = nodeReleasePath(major);
  return existsSync(installed) ? installed : undefined;
}

const host = (major: number, how: string, entry: string): Host => ({
  name: `Node ${major}, ${how}`,
  example: 'node',
  unavailable: () => (nodePath(major) ? undefined : `no Node ${major}: set ZEROSKIP_NODE${major} to its path`),
  async run(site) {
    const { report, coldMs } = await runProgram(nodePath(major)!, [entry], site.folder);
    return { logits: report.logits, coldMs, bytes: await bytesLoaded(site, entry, report.variant) };
  },
});

export const nodeHosts: readonly Host[] = MAJORS.flatMap((major) => [
  host(major, 'import', 'main.mjs'),
  host(major, 'require', 'main.cjs'),
]);

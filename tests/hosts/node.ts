import { nodeRelease } from '../../bench/lib/node_release.ts';
import { bytesLoaded } from './bytes.ts';
import type { Host } from './host.ts';
import { runProgram } from './process.ts';

const current = Number(process.versions.node.split('.')[0]);

/** This Node, and the two that results are quoted for. */
const MAJORS = [...new Set([current, 20, 24])].sort((a, b) => a - b);

/** How long npm may take to fetch a Node, in milliseconds. */
const PATIENCE = 120_000;

/** The path of a version of Node, or why there is none. */
type Found = { path: string } | { reason: string };

const found = new Map<number, Found>();

/** This Node, `$ZEROSKIP_NODE24`, or the release that npm has; fetched once and kept, as for `npm run bench -- --node 24`. */
function find(major: number): Found {
  if (major === current) return { path: process.execPath };
  const named = process.env[`ZEROSKIP_NODE${major}`];
  if (named) return { path: named };
  try {
    return { path: nodeRelease(major, { patience: PATIENCE }) };
  } catch (error) {
    const hint = `ZEROSKIP_NODE${major} can name the path of one`;
    return { reason: `${(error as Error).message} (${hint})` };
  }
}

function nodeOf(major: number): Found {
  const node = found.get(major) ?? find(major);
  found.set(major, node);
  return node;
}

const host = (major: number, how: string, entry: string): Host => ({
  name: `Node ${major}, ${how}`,
  example: 'node',
  unavailable() {
    const node = nodeOf(major);
    return 'reason' in node ? node.reason : undefined;
  },
  async run(site) {
    const node = nodeOf(major);
    if ('reason' in node) throw new Error(node.reason);
    const { report, coldMs } = await runProgram(node.path, [entry], site.folder);
    return { logits: report.logits, coldMs, bytes: await bytesLoaded(site, entry, report.variant) };
  },
});

export const nodeHosts: readonly Host[] = MAJORS.flatMap((major) => [
  host(major, 'import', 'main.mjs'),
  host(major, 'require', 'main.cjs'),
]);

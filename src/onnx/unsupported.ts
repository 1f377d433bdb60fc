import { quote } from './source.ts';

/** A node that cannot be imported: its op, and why where it is not the op as such. */
export interface Unsupported {
  op: string;
  name: string;
  reason?: string;
}

/** Up to this many nodes are listed one by one, and up to this many ops. */
const LISTED = 20;
const LONGEST_REASON = 160;

const shorten = (text: string, length: number): string =>
  text.length > length ? `${text.slice(0, length - 1)}…` : text;

/** One sentence of bounded length that names all `nodes`, or counts them by op where they are many. */
export function describeUnsupported(nodes: readonly Unsupported[]): string {
  const heading = nodes.length === 1 ? '1 node uses an op that is' : `${nodes.length} nodes use ops that are`;
  return `${heading} not supported: ${nodes.length > LISTED ? byOp(nodes) : oneByOne(nodes)}`;
}

function oneByOne(nodes: readonly Unsupported[]): string {
  return nodes
    .map(({ op, name, reason }) => {
      const because = reason ? ` (${shorten(reason, LONGEST_REASON)})` : '';
      return `${shorten(op, 60)} ${quote(name)}${because}`;
    })
    .join(', ');
}

function byOp(nodes: readonly Unsupported[]): string {
  const groups = new Map<string, Unsupported[]>();
  for (const node of nodes) {
    const group = groups.get(node.op);
    if (group) group.push(node);
    else groups.set(node.op, [node]);
  }
  const largest = [...groups].sort((a, b) => b[1].length - a[1].length);
  const parts = largest.slice(0, LISTED).map(([op, group]) => {
    const others = group.length > 1 ? ` and ${group.length - 1} more` : '';
    return `${shorten(op, 60)} (${quote(group[0].name)}${others})`;
  });
  if (largest.length > LISTED) parts.push(`${largest.length - LISTED} other ops`);
  return parts.join(', ');
}

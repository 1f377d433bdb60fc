import { joinClauses } from '../graph/unsupported.ts';
import { quote } from './source.ts';

/** A node that cannot be imported: its op, and why where it is not the op as such. */
export interface Unsupported {
  op: string;
  name: string;
  reason?: string;
}

const LONGEST_OP = 60;
const LONGEST_REASON = 160;

const shorten = (text: string, length: number): string =>
  text.length > length ? `${text.slice(0, length - 1)}…` : text;

/** One sentence of bounded length that names `nodes` one by one. */
export function describeUnsupported(nodes: readonly Unsupported[]): string {
  const heading = nodes.length === 1 ? '1 node uses an op that is' : `${nodes.length} nodes use ops that are`;
  const clauses = nodes.map(({ op, name, reason }) => {
    const because = reason ? ` (${shorten(reason, LONGEST_REASON)})` : '';
    return `${shorten(op, LONGEST_OP)} ${quote(name)}${because}`;
  });
  return `${heading} not supported: ${joinClauses(clauses, ', ')}`;
}

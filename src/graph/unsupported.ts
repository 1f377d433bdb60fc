import { ZeroskipError } from '../errors.ts';

/** How much of a list an error message shows. */
const MOST_CLAUSES = 200;
const MOST_CHARACTERS = 20_000;

/** `clauses` in one line: all of them, or the first 200 (or 20,000 characters of them) and how many more there are. */
export function joinClauses(clauses: readonly string[], separator: string): string {
  const shown: string[] = [];
  let length = 0;
  for (const clause of clauses.slice(0, MOST_CLAUSES)) {
    length += clause.length + separator.length;
    if (shown.length > 0 && length > MOST_CHARACTERS) break;
    shown.push(clause);
  }
  const more = clauses.length - shown.length;
  if (more > 0) shown.push(`and ${more} more`);
  return shown.join(separator);
}

/** Gathers the `UNSUPPORTED_OP` errors of a walk over nodes, so that one error names all nodes that cannot run. */
export class UnsupportedNodes {
  private readonly errors: ZeroskipError[] = [];

  /** Runs `step`; false if it fails with `UNSUPPORTED_OP`, which is kept. */
  attempt(step: () => void): boolean {
    try {
      step();
      return true;
    } catch (error) {
      if (!(error instanceof ZeroskipError) || error.code !== 'UNSUPPORTED_OP') throw error;
      this.errors.push(error);
      return false;
    }
  }

  /** @throws ZeroskipError `UNSUPPORTED_OP` with a clause for each node, if there are any */
  raise(): void {
    const { errors } = this;
    if (errors.length === 0) return;
    if (errors.length === 1) throw errors[0];
    const clauses = errors.map(({ message }) => message);
    throw new ZeroskipError('UNSUPPORTED_OP', `${errors.length} nodes cannot run: ${joinClauses(clauses, '; ')}`);
  }
}

import * as assert from 'uvu/assert';
import { type ErrorCode, ZeroskipError } from '../../src/errors.ts';

/** Asserts that `run` rejects with a ZeroskipError of `code` whose message matches all `patterns`. */
export async function rejects(run: () => unknown, code: ErrorCode, ...patterns: RegExp[]): Promise<void> {
  let raised: unknown;
  try {
    await run();
  } catch (error) {
    raised = error;
  }
  if (!(raised instanceof ZeroskipError)) throw raised ?? new Error(`${code} was expected, nothing was thrown`);
  assert.is(raised.code, code, raised.message);
  for (const pattern of patterns) assert.match(raised.message, pattern);
}

import * as assert from 'uvu/assert';
import { type ErrorCode, ZeroskipError } from '../../src/errors.ts';

/** Asserts that `run` throws a ZeroskipError of `code` whose message matches all `patterns`. */
export function raises(run: () => unknown, code: ErrorCode, ...patterns: RegExp[]): void {
  let raised: unknown;
  try {
    run();
  } catch (error) {
    raised = error;
  }
  if (!(raised instanceof ZeroskipError)) throw raised ?? new Error('nothing was thrown');
  assert.is(raised.code, code, raised.message);
  for (const pattern of patterns) assert.match(raised.message, pattern);
}

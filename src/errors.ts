/** Stable codes of {@link ZeroskipError}. */
export type ErrorCode =
  | 'UNSUPPORTED_OP'
  | 'INVALID_MODEL'
  | 'INVALID_PACKAGE'
  | 'INVALID_ARGUMENT'
  | 'SHAPE_MISMATCH'
  | 'TYPE_MISMATCH'
  | 'MISSING_INPUT'
  | 'OUT_OF_MEMORY'
  | 'UNSUPPORTED_HOST'
  | 'FILE_ERROR'
  | 'DISPOSED'
  | 'ABORTED'
  | 'WORKER_LOST'
  | 'STORAGE_ERROR'
  | 'INTERNAL';

/** The only error class that zeroskip throws on purpose: a stable `code` and one sentence that names the node, option or file. */
export class ZeroskipError extends Error {
  override readonly name = 'ZeroskipError';
  readonly code: ErrorCode;

  constructor(code: ErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.code = code;
  }
}

/** Throws a {@link ZeroskipError} unless `condition` holds. */
export function ensure(condition: unknown, code: ErrorCode, message: string | (() => string)): asserts condition {
  if (!condition) throw new ZeroskipError(code, typeof message === 'string' ? message : message());
}

import * as C from '../../../assembly/abi/control.ts';
import { OP_NEXT, OP_REPEAT, OP_SKIP } from '../../../assembly/abi.ts';
import type { Emitter, Operand } from '../lower.ts';

/** An element that decides, compared with `limit`. */
export interface Condition {
  operand: Operand;
  element?: number;
  type: 'u8' | 'u32' | 'f32';
  limit: number;
}

const TYPES = { u8: C.SKIP_U8, u32: C.SKIP_U32, f32: C.SKIP_F32 };

/** Writes the records of `body`, which are skipped if the element lies above the limit (`above`), or if it does not. */
export function emitSkip(e: Emitter, condition: Condition, above: boolean, body: () => void): void {
  const { operand, element = 0, type, limit } = condition;
  const record = e
    .record(OP_SKIP, C.SKIP_SIZE)
    .at(C.SKIP_VALUE, operand, element)
    .int(C.SKIP_TYPE, TYPES[type])
    .int(C.SKIP_ABOVE, above ? 1 : 0);
  if (type === 'f32') record.float(C.SKIP_LIMIT, limit);
  else record.int(C.SKIP_LIMIT, limit);
  const first = e.count;
  body();
  record.int(C.SKIP_RECORDS, e.count - first);
}

/** Writes the records of `body`, which run as often as the u32 at `element` of `operand` says, `limit` times at most. */
export function emitRepeat(e: Emitter, operand: Operand, element: number, limit: number, body: () => void): void {
  const record = e.record(OP_REPEAT, C.REPEAT_SIZE).at(C.REPEAT_COUNT, operand, element).int(C.REPEAT_LIMIT, limit);
  const first = e.count;
  body();
  record.int(C.REPEAT_RECORDS, e.count - first);
  e.record(OP_NEXT, C.NEXT_SIZE);
}

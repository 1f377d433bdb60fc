import { CHECK_OP, CHECK_SIZE, REC_BODY, REC_OP, REC_SIZE } from './abi';
import { checkOf, kernelOf, sizeOfRecord } from './dispatch';

/** Runs the records in `[first, last)`. */
export function run(first: usize, last: usize, thread: i32, threads: i32): void {
  let record = first;
  while (record < last) {
    call_indirect<void>(kernelOf(load<i32>(record, REC_OP)), record, thread, threads);
    record += load<u32>(record, REC_SIZE);
  }
}

/**
 * Checks the records in `[first, last)`: known op codes, sizes, and every operand inside its region. The low half of the result is 0 if
 * all hold and the high half the number of records; otherwise the high half is the number of the wrong record, and the low half
 * CHECK_OP, CHECK_SIZE or the byte offset of the wrong field.
 */
export function check(first: usize, last: usize): u64 {
  let record = first;
  let index: u64 = 0;
  while (record < last) {
    if (record + REC_BODY > last) return (index << 32) | CHECK_SIZE;
    const op = load<u32>(record, REC_OP);
    const size = sizeOfRecord(op);
    if (size == 0) return (index << 32) | CHECK_OP;
    if (load<u32>(record, REC_SIZE) != size || size > <u32>(last - record)) return (index << 32) | CHECK_SIZE;
    const wrong = call_indirect<i32>(checkOf(op), record);
    if (wrong != 0) return (index << 32) | <u64>wrong;
    record += size;
    index++;
  }
  return index << 32;
}

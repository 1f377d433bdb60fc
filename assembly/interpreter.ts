import { CHECK_LOOP, CHECK_OP, CHECK_SIZE, OP_NEXT, OP_REPEAT, OP_SKIP, REC_BODY, REC_OP, REC_SIZE } from './abi';
import { REPEAT_RECORDS, SKIP_RECORDS } from './abi/control';
import { goTo, nextRecord } from './control';
import { checkOf, kernelOf, sizeOfRecord } from './dispatch';

/** Runs records from `first` on until one comes next that does not lie in `[first, last)`, and returns that one. */
export function run(first: usize, last: usize, thread: i32, threads: i32): usize {
  let record = first;
  while (record >= first && record < last) {
    goTo(record + load<u32>(record, REC_SIZE));
    call_indirect<void>(kernelOf(load<i32>(record, REC_OP)), record, thread, threads);
    record = nextRecord();
  }
  return record;
}

// @ts-ignore: decorator
@inline
function wrong(index: u64, what: u64): u64 {
  return (index << 32) | what;
}

/**
 * Checks the records in `[first, last)`: known op codes, sizes, every operand inside its region, and that jumps land on records of the
 * range. The low half of the result is 0 if all hold and the high half the number of records; otherwise the high half is the number of the
 * wrong record, and the low half CHECK_OP, CHECK_SIZE, CHECK_LOOP or the byte offset of the wrong field.
 */
export function check(first: usize, last: usize): u64 {
  let record = first;
  let index: u64 = 0;
  // Last record that a jump lands on and the one that jumps there, and the record that has to close the open loop (0: none is open).
  let landing: u64 = 0;
  let jump: u64 = 0;
  let jumpField: u64 = 0;
  let loopEnd: u64 = 0;
  while (record < last) {
    if (record + REC_BODY > last) return wrong(index, CHECK_SIZE);
    const op = load<u32>(record, REC_OP);
    const size = sizeOfRecord(op);
    if (size == 0) return wrong(index, CHECK_OP);
    if (load<u32>(record, REC_SIZE) != size || size > <u32>(last - record)) return wrong(index, CHECK_SIZE);
    const field = call_indirect<i32>(checkOf(op), record);
    if (field != 0) return wrong(index, <u64>field);
    // A loop is closed where it says, and nowhere else.
    if ((op == OP_NEXT) != (loopEnd != 0 && index == loopEnd)) return wrong(index, CHECK_LOOP);
    if (op == OP_NEXT) loopEnd = 0;
    if (op == OP_SKIP || op == OP_REPEAT) {
      const at = op == OP_SKIP ? SKIP_RECORDS : REPEAT_RECORDS;
      const target = index + 1 + load<u32>(record + at);
      if (loopEnd != 0 && (op == OP_REPEAT || target > loopEnd)) return wrong(index, at);
      if (op == OP_REPEAT) loopEnd = target;
      const end = op == OP_REPEAT ? target + 1 : target;
      if (end > landing) {
        landing = end;
        jump = index;
        jumpField = at;
      }
    }
    record += size;
    index++;
  }
  return landing > index ? wrong(jump, jumpField) : index << 32;
}

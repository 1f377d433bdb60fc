import { MOST_ROUNDS, REC_SIZE } from '../abi';
import {
  REPEAT_COUNT,
  REPEAT_LIMIT,
  REPEAT_RECORDS,
  SKIP_ABOVE,
  SKIP_F32,
  SKIP_LIMIT,
  SKIP_RECORDS,
  SKIP_TYPE,
  SKIP_U8,
  SKIP_VALUE,
} from '../abi/control';
import { field, readable } from '../bounds';
import { closeRound, goTo, nextRecord, openLoop } from '../control';

/** The record `count` records behind `record`. */
function behind(record: usize, count: u32): usize {
  for (; count > 0; count--) record += load<u32>(record, REC_SIZE);
  return record;
}

function isAbove(record: usize): bool {
  const value = load<usize>(record, SKIP_VALUE);
  const type = load<u32>(record, SKIP_TYPE);
  if (type == SKIP_F32) return load<f32>(value) > load<f32>(record, SKIP_LIMIT);
  return (type == SKIP_U8 ? <u32>load<u8>(value) : load<u32>(value)) > load<u32>(record, SKIP_LIMIT);
}

export function skip(record: usize, _thread: i32, _threads: i32): void {
  if (isAbove(record) == (load<u32>(record, SKIP_ABOVE) != 0)) goTo(behind(nextRecord(), load<u32>(record, SKIP_RECORDS)));
}

export function repeat(record: usize, _thread: i32, _threads: i32): void {
  const body = nextRecord();
  const end = behind(body, load<u32>(record, REPEAT_RECORDS));
  const count = min(load<u32>(load<usize>(record, REPEAT_COUNT)), load<u32>(record, REPEAT_LIMIT));
  openLoop(body, end, count);
  if (count == 0) goTo(end);
}

export function next(record: usize, _thread: i32, _threads: i32): void {
  closeRound(record);
}

export function checkSkip(record: usize): i32 {
  const type = field(record, SKIP_TYPE);
  if (type > SKIP_F32) return SKIP_TYPE;
  if (field(record, SKIP_ABOVE) > 1) return SKIP_ABOVE;
  return readable(field(record, SKIP_VALUE), type == SKIP_U8 ? 1 : 4) ? 0 : SKIP_VALUE;
}

export function checkRepeat(record: usize): i32 {
  if (field(record, REPEAT_LIMIT) > MOST_ROUNDS) return REPEAT_LIMIT;
  return readable(field(record, REPEAT_COUNT), 4) ? 0 : REPEAT_COUNT;
}

export function checkNext(_record: usize): i32 {
  return 0;
}

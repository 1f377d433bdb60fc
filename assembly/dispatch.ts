import { MODULE_DISPATCH, OP_LIMIT } from './abi';

/** A kernel reads its operands from its record and does the share of `thread` of `threads`. */
export type Kernel = (record: usize, thread: i32, threads: i32) => void;

/** A check returns 0, or the byte offset of the field that is wrong. */
export type Check = (record: usize) => i32;

// Three i32 an op code: table index of the kernel, of the check, bytes of a record (0: unknown op code).
const ENTRY = 12;
const table: usize = MODULE_DISPATCH;

/** Enters a kernel: its op code, its operand check and the bytes of its record (`abi/<family>.ts`). */
export function register(op: i32, kernel: Kernel, check: Check, size: i32): void {
  const entry = table + op * ENTRY;
  store<i32>(entry, kernel.index);
  store<i32>(entry, check.index, 4);
  store<i32>(entry, size, 8);
}

// @ts-ignore: decorator
@inline
export function kernelOf(op: i32): i32 {
  return load<i32>(table + op * ENTRY);
}

// @ts-ignore: decorator
@inline
export function checkOf(op: i32): i32 {
  return load<i32>(table + op * ENTRY, 4);
}

/** Bytes of a record of `op`; 0 for an unknown op code. */
export function sizeOfRecord(op: u32): u32 {
  return op < <u32>OP_LIMIT ? load<u32>(table + op * ENTRY, 8) : 0;
}

// The regions that records may touch, in order of address: constants, tables, arena. Checks compare in f64: products of u32
// fields cannot wrap there.

let constLo: f64 = 0;
let tableLo: f64 = 0;
let tableHi: f64 = 0;
let arenaLo: f64 = 0;
let arenaHi: f64 = 0;
let slack: f64 = 0;

/**
 * Constants are `[constBase, tablesBase)`, the tables that `load` expands `[tablesBase, tablesEnd)`, the arena
 * `[arenaBase, arenaEnd)`; `slackBytes` behind the arena may be read.
 */
export function setBounds(
  constBase: usize,
  arenaBase: usize,
  arenaEnd: usize,
  slackBytes: i32,
  tablesBase: usize,
  tablesEnd: usize,
): void {
  constLo = <f64>constBase;
  arenaLo = <f64>arenaBase;
  arenaHi = <f64>arenaEnd;
  slack = <f64>slackBytes;
  tableLo = <f64>tablesBase;
  tableHi = <f64>tablesEnd;
}

/** u32 field of a record as f64. */
// @ts-ignore: decorator
@inline
export function field(record: usize, offset: i32): f64 {
  return <f64>load<u32>(record + offset);
}

/** True if `[address, address + bytes)` may be read: constants, tables, arena or the slack behind it. */
export function readable(address: f64, bytes: f64): bool {
  return bytes == 0 || (address >= constLo && address + bytes <= arenaHi + slack);
}

/** True if `[address, address + bytes)` lies in the constants, which no record writes. */
export function constantReadable(address: f64, bytes: f64): bool {
  return bytes == 0 || (address >= constLo && address + bytes <= tableLo);
}

/** True if `[address, address + bytes)` lies in the arena. */
export function writable(address: f64, bytes: f64): bool {
  return bytes == 0 || (address >= arenaLo && address + bytes <= arenaHi);
}

/** True if `[address, address + bytes)` lies in the tables: written at load by OP_EXPAND, by nothing else. */
export function tableWritable(address: f64, bytes: f64): bool {
  return bytes == 0 || (address >= tableLo && address + bytes <= tableHi);
}

/** Bytes of the arena: no record has to write more. */
export function arenaBytes(): f64 {
  return arenaHi - arenaLo;
}

/** True if `[address, address + bytes)` lies in the constants or tables: what a check read there still holds when a kernel runs. */
export function fixed(address: f64, bytes: f64): bool {
  return bytes == 0 || (address >= constLo && address + bytes <= arenaLo);
}

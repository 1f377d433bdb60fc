import { MODULE_ROUND } from './abi';

// What the interpreter does next. Kernels of control records change it; others may ask for the round of the loop that they are in.

let following: usize = 0;
let body: usize = 0;
let end: usize = 0;
let rounds: u32 = 0;

/** The record that follows the one that runs now. */
// @ts-ignore: decorator
@inline
export function nextRecord(): usize {
  return following;
}

// @ts-ignore: decorator
@inline
export function goTo(record: usize): void {
  following = record;
}

/** Opens a loop over the records from `first`, closed by the one at `last`. */
export function openLoop(first: usize, last: usize, count: u32): void {
  body = first;
  end = last;
  store<u32>(MODULE_ROUND, 0);
  rounds = count;
}

/** At the closing record: goes back for another round if there is one. A record that closes no open loop does nothing. */
export function closeRound(record: usize): void {
  if (record != end) return;
  const round = currentRound() + 1;
  if (round < rounds) {
    store<u32>(MODULE_ROUND, round);
    following = body;
    return;
  }
  end = 0;
  store<u32>(MODULE_ROUND, 0);
}

/** Number of the running round, from 0; 0 outside of loops. In memory, so that kernels of both modules see it. */
export function currentRound(): u32 {
  return load<u32>(MODULE_ROUND);
}

import { MODULE_BYTES, REC_ARENA, REC_BODY, REC_CONST, REC_SIZE, SLACK } from '../../assembly/abi.ts';
import { ZeroskipError } from '../errors.ts';
import type { Manifest } from '../package/format.ts';

const PAGE = 65536;
const align = (n: number): number => Math.ceil(n / 64) * 64;

/** What decides the layout of memory. */
interface Shape {
  manifest: Manifest;
  sections: readonly { byteLength: number }[];
}

/** A run of records in memory. */
export interface Range {
  first: number;
  last: number;
}

/** Where everything of a package stands in the instance's memory. */
export interface MemoryMap {
  init: Range;
  plans: Range[];
  constants: number;
  tables: number;
  tablesEnd: number;
  arena: number;
  arenaEnd: number;
  /** Bytes of the whole memory. */
  bytes: number;
}

/**
 * Lays a package out: `| module | programs | constants | tables | arena | slack | slack |`. The arena serves one plan at a time. Operands
 * may reach into the first slack, and a kernel's last vector beyond its operand into the second.
 */
export function mapMemory({ manifest, sections }: Shape, engine: 'narrow' | 'wide'): MemoryMap {
  let end = MODULE_BYTES;
  const range = (section: number): Range => {
    const first = end;
    const last = first + sections[section].byteLength;
    end = align(last);
    return { first, last };
  };
  const init = range(manifest.init);
  const plans = manifest.plans.map((plan) => range(plan[engine].section));
  const constants = end;
  const tables = align(constants + sections[manifest.constants].byteLength);
  const tablesEnd = tables + manifest.tableBytes;
  const arena = align(tablesEnd);
  const arenaEnd = arena + manifest.plans.reduce((max, plan) => Math.max(max, plan.arenaBytes), 0);
  const bytes = Math.ceil((arenaEnd + 2 * SLACK) / PAGE) * PAGE;
  return { init, plans, constants, tables, tablesEnd, arena, arenaEnd, bytes };
}

/** Memory of `bytes` bytes that never grows. */
export function allocate(bytes: number, maxBytes: number): WebAssembly.Memory {
  if (bytes > maxBytes) {
    throw new ZeroskipError(
      'OUT_OF_MEMORY',
      `load: the package needs ${bytes} bytes of memory, maxBytes is ${maxBytes}`,
    );
  }
  try {
    return new WebAssembly.Memory({ initial: bytes / PAGE, maximum: bytes / PAGE });
  } catch (cause) {
    throw new ZeroskipError('OUT_OF_MEMORY', `load: the host has no ${bytes} bytes of memory`, { cause });
  }
}

/**
 * Makes the addresses of records in memory absolute. Sizes are followed only as far as they make sense; the check in Wasm judges them
 * afterwards.
 */
export function relocate(memory: WebAssembly.Memory, { first, last }: Range, map: MemoryMap): void {
  const bytes = last - first;
  const view = new DataView(memory.buffer, first, bytes);
  for (let record = 0; record + REC_BODY <= bytes; ) {
    const size = view.getUint32(record + REC_SIZE, true);
    if (size < REC_BODY || size % 4 !== 0 || record + size > bytes) return;
    const arena = view.getUint32(record + REC_ARENA, true);
    const constants = view.getUint32(record + REC_CONST, true);
    for (let field = REC_BODY, bit = 0; field < size && bit < 32; field += 4, bit++) {
      const base = (arena >>> bit) & 1 ? map.arena : (constants >>> bit) & 1 ? map.constants : 0;
      if (base === 0) continue;
      const address = base + view.getUint32(record + field, true);
      if (address > map.bytes) throw new ZeroskipError('INVALID_PACKAGE', 'package: a record points outside of memory');
      view.setUint32(record + field, address, true);
    }
    record += size;
  }
}

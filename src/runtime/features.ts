/** `(func (result v128) i32.const 0 i8x16.splat)` */
const SIMD = [0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 8, 1, 6, 0, 65, 0, 253, 15, 11];

/** `(func (result v128) (i8x16.relaxed_swizzle (i8x16.splat (i32.const 0)) (i8x16.splat (i32.const 0))))` */
const RELAXED = [
  0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 15, 1, 13, 0, 65, 0, 253, 15, 65, 0, 253, 15,
  253, 128, 2, 11,
];

/** `(table i64 1 funcref)`: V8 has had it since its register allocator holds eight accumulators and more. */
const TABLE64 = [0, 97, 115, 109, 1, 0, 0, 0, 4, 4, 1, 112, 4, 1];

const has = (module: readonly number[]): boolean => WebAssembly.validate(new Uint8Array(module));

export const hasSimd = (): boolean => has(SIMD);
export const hasRelaxedSimd = (): boolean => has(RELAXED);

/** Class of the host's register allocator: see ARCHITECTURE.md. */
export const engineClass = (): 'narrow' | 'wide' => (has(TABLE64) ? 'wide' : 'narrow');

// The contract between the compiler, the runtime and the kernels. Plain numbers that asc and tsc both read.
//
// A record is a run of little-endian 32-bit words: a header of four words, then the fields of its kernel family
// (`abi/<family>.ts`, byte offsets from the start of the record). Address fields are stored relative to the arena or to the
// constants; the two bitmaps of the header say which, and `load` turns them into absolute addresses.

/** Changes whenever a record, an op code or the meaning of a field changes. */
export const ABI_VERSION = 6;

export const REC_OP = 0; //     op code
export const REC_SIZE = 4; //   bytes of the record, a multiple of 4, header included
export const REC_ARENA = 8; //  bit i set: body word i is an address relative to the arena
export const REC_CONST = 12; // bit i set: body word i is an address relative to the constants
export const REC_BODY = 16;

/** What `check` answers for an unknown op code, a wrong size and a loop not closed where it says; other answers are the byte offset of a field. */
export const CHECK_OP = 1;
export const CHECK_SIZE = 2;
export const CHECK_LOOP = 3;

/** Most rounds of a loop. */
export const MOST_ROUNDS = 0x10000;

/**
 * Bytes at the start of memory that belong to the kernels: what both modules share (the number of the running round, the dispatch
 * table), the data of the core from MODULE_CORE on, that of the second module from MODULE_EXTRA on, and from MODULE_LISTS on lists that
 * kernels make. `asconfig.json` has the same numbers.
 */
export const MODULE_BYTES = 32768;
export const MODULE_ROUND = 16;
export const MODULE_DISPATCH = 64;
export const MODULE_CORE = 2048;
export const MODULE_EXTRA = 8192;
export const MODULE_LISTS = 16384;

/** Entries of the function table; the second module's begin at TABLE_EXTRA. */
export const TABLE_LIMIT = 512;
export const TABLE_EXTRA = 256;

/** Bits of a module's marker beside the ABI version. */
export const MARKER_RELAXED = 0x10000;
export const MARKER_EXTRA = 0x20000;

/** Bytes behind every region that kernels may read and nobody observes. */
export const SLACK = 256;

// Op codes: explicit, append-only.
export const OP_EXPAND = 1;
export const OP_HALO = 2;
export const OP_FILL = 3;
export const OP_COPY = 4;
export const OP_GATHER = 5;
export const OP_UNARY = 6;
export const OP_BINARY = 7;
export const OP_SOFTMAX = 8;
export const OP_REDUCE = 9;
export const OP_POOL = 10;
export const OP_GEMM = 11;
export const OP_CONV_DW = 12;
export const OP_SPMV_CSR = 13;
export const OP_SPMV_BSR2 = 14;
export const OP_SPMV_BSR4 = 15;
export const OP_SPMV_DENSE = 16;
export const OP_SPMM_CSR_NARROW = 17;
export const OP_SPMM_CSR_WIDE = 18;
export const OP_SPMM_BSR2_NARROW = 19;
export const OP_SPMM_BSR2_WIDE = 20;
export const OP_SPMM_BSR4_NARROW = 21;
export const OP_SPMM_BSR4_WIDE = 22;
export const OP_GEMM_PLANES_NARROW = 23;
export const OP_GEMM_PLANES_WIDE = 24;
export const OP_SPMV_BSR1X4 = 25;
export const OP_SPMV_BSR8 = 26;
export const OP_SPMV_BSR16 = 27;
export const OP_SPMV_BSR32_NARROW = 28;
export const OP_SPMV_BSR32_WIDE = 29;
export const OP_SKIP = 30;
export const OP_REPEAT = 31;
export const OP_NEXT = 32;

// Op codes from OP_EXTRA on: kernels of the second module, which only packages with such records need.
export const OP_EXTRA = 64;
export const OP_BLOCK_MASK = 64;
export const OP_BLOCK_GATHER = 65;
export const OP_BLOCK_EDGE = 66;
export const OP_BLOCK_SCATTER = 67;
export const OP_BLOCK_SELECT = 68;
export const OP_COMPARE = 69;
export const OP_CAST = 70;
export const OP_ARGMAX = 71;
export const OP_REDUCE_MAX = 72;
export const OP_CONFIDENCE = 73;
export const OP_TILES = 74;
export const OP_SPMM_CSC_NARROW = 75;
export const OP_SPMM_CSC_WIDE = 76;
export const OP_GEMM_LIVE = 77;
export const OP_NONZERO = 78;
export const OP_COLUMNS_DENSE = 79;
export const OP_COLUMNS_CSC = 80;
export const OP_COLUMNS_CSC4 = 81;
export const OP_PRELU = 82;
export const OP_LAYER_NORM = 83;
export const OP_WHERE = 84;

/** Size of the dispatch table. */
export const OP_LIMIT = 128;

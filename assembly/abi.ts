// The contract between the compiler, the runtime and the kernels. Plain numbers that asc and tsc both read.
//
// A record is a run of little-endian 32-bit words: a header of four words, then the fields of its kernel family
// (`abi/<family>.ts`, byte offsets from the start of the record). Address fields are stored relative to the arena or to the
// constants; the two bitmaps of the header say which, and `load` turns them into absolute addresses.

/** Changes whenever a record, an op code or the meaning of a field changes. */
export const ABI_VERSION = 4;

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

/** Bytes at the start of memory that belong to the module: its own data, and from MODULE_LISTS on lists that kernels make. */
export const MODULE_BYTES = 32768;
export const MODULE_LISTS = 16384;

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
export const OP_BLOCK_MASK = 33;
export const OP_BLOCK_GATHER = 34;
export const OP_BLOCK_EDGE = 35;
export const OP_BLOCK_SCATTER = 36;
export const OP_BLOCK_SELECT = 37;
export const OP_COMPARE = 38;
export const OP_CAST = 39;
export const OP_ARGMAX = 40;
export const OP_REDUCE_MAX = 41;
export const OP_CONFIDENCE = 42;
export const OP_TILES = 43;
export const OP_SPMM_CSC_NARROW = 44;
export const OP_SPMM_CSC_WIDE = 45;
export const OP_GEMM_LIVE = 46;

/** Size of the dispatch table. */
export const OP_LIMIT = 64;

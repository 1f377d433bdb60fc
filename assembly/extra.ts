// The second module: rare kernels, entered into the dispatch table and the function table of the core.

export { setBounds } from './bounds';

import * as abi from './abi';
import { ARGMAX_SIZE } from './abi/argmax';
import { BINARY_SIZE } from './abi/binary';
import { BLOCK_SIZE, MASK_SIZE, SELECT_SIZE } from './abi/blocks';
import { CAST_SIZE } from './abi/cast';
import { COMPARE_SIZE } from './abi/compare';
import { CONFIDENCE_SIZE } from './abi/confidence';
import { COLUMNS_SIZE } from './abi/columns';
import { LAYER_NORM_SIZE } from './abi/layer_norm';
import { NONZERO_SIZE } from './abi/nonzero';
import { REDUCE_SIZE } from './abi/reduce';
import { CSC_SIZE } from './abi/csc';
import { SPMM_SIZE } from './abi/spmm';
import { TILES_SIZE } from './abi/tiles';
import { WHERE_SIZE } from './abi/where';
import { register } from './dispatch';
import { argmax, checkArgmax } from './kernels/argmax';
import * as binary from './kernels/binary';
import { blockMask, checkBlockMask } from './kernels/block_mask';
import { checkSelectBlocks, selectBlocks } from './kernels/block_select';
import * as blocks from './kernels/blocks';
import { cast, checkCast } from './kernels/cast';
import { checkCompare, compare } from './kernels/compare';
import { checkConfidence, confidence } from './kernels/confidence';
import * as columns from './kernels/columns';
import { checkLayerNorm, layerNorm } from './kernels/layer_norm';
import * as nonzero from './kernels/nonzero';
import * as reduce from './kernels/reduce';
import { checkCsc, csc_narrow, csc_wide } from './kernels/csc';
import { checkGemmLive, gemmLive } from './kernels/live';
import { checkTiles, tiles } from './kernels/tiles';
import { checkWhere, where } from './kernels/where';

/** Names the contract and the build: ABI version and `MARKER_` bits. */
// @ts-ignore: RELAXED is a build constant
export const marker: i32 = abi.ABI_VERSION | abi.MARKER_EXTRA | (RELAXED ? abi.MARKER_RELAXED : 0);

/** First byte behind the module's own data. */
export const heapBase: usize = __heap_base;

// One line a kernel: op code, kernel, check, bytes of its record.
register(abi.OP_BLOCK_MASK, blockMask, checkBlockMask, MASK_SIZE);
register(abi.OP_BLOCK_GATHER, blocks.gatherBlock, blocks.checkGatherBlock, BLOCK_SIZE);
register(abi.OP_BLOCK_EDGE, blocks.edgeBlock, blocks.checkEdgeBlock, BLOCK_SIZE);
register(abi.OP_BLOCK_SCATTER, blocks.scatterBlock, blocks.checkScatterBlock, BLOCK_SIZE);
register(abi.OP_BLOCK_SELECT, selectBlocks, checkSelectBlocks, SELECT_SIZE);
register(abi.OP_COMPARE, compare, checkCompare, COMPARE_SIZE);
register(abi.OP_CAST, cast, checkCast, CAST_SIZE);
register(abi.OP_ARGMAX, argmax, checkArgmax, ARGMAX_SIZE);
register(abi.OP_REDUCE_MAX, reduce.reduceMax, reduce.checkReduce, REDUCE_SIZE);
register(abi.OP_CONFIDENCE, confidence, checkConfidence, CONFIDENCE_SIZE);
register(abi.OP_TILES, tiles, checkTiles, TILES_SIZE);
register(abi.OP_SPMM_CSC_NARROW, csc_narrow, checkCsc, CSC_SIZE);
register(abi.OP_SPMM_CSC_WIDE, csc_wide, checkCsc, CSC_SIZE);
register(abi.OP_GEMM_LIVE, gemmLive, checkGemmLive, SPMM_SIZE);
register(abi.OP_NONZERO, nonzero.nonzero, nonzero.checkNonzero, NONZERO_SIZE);
register(abi.OP_COLUMNS_DENSE, columns.dense, columns.checkDense, COLUMNS_SIZE);
register(abi.OP_COLUMNS_CSC, columns.csc1x1, columns.checkCsc1x1, COLUMNS_SIZE);
register(abi.OP_COLUMNS_CSC4, columns.csc4x1, columns.checkCsc4x1, COLUMNS_SIZE);
register(abi.OP_PRELU, binary.prelu, binary.checkPrelu, BINARY_SIZE);
register(abi.OP_LAYER_NORM, layerNorm, checkLayerNorm, LAYER_NORM_SIZE);
register(abi.OP_WHERE, where, checkWhere, WHERE_SIZE);

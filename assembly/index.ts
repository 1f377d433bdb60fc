export { setBounds } from './bounds';
export { checksum } from './checksum';
export { check, run } from './interpreter';

import * as abi from './abi';
import { BINARY_SIZE } from './abi/binary';
import { NEXT_SIZE, REPEAT_SIZE, SKIP_SIZE } from './abi/control';
import { COPY_SIZE } from './abi/copy';
import { EXPAND_SIZE } from './abi/expand';
import { FILL_SIZE, HALO_SIZE } from './abi/fill';
import { GATHER_SIZE } from './abi/gather';
import { POOL_SIZE } from './abi/pool';
import { REDUCE_SIZE } from './abi/reduce';
import { SOFTMAX_SIZE } from './abi/softmax';
import { DW_SIZE } from './abi/conv_dw';
import { GEMM_SIZE } from './abi/gemm';
import { SPMM_SIZE } from './abi/spmm';
import { SPMV_SIZE } from './abi/spmv';
import { UNARY_SIZE } from './abi/unary';
import { register } from './dispatch';
import * as binary from './kernels/binary';
import * as control from './kernels/control';
import * as copy from './kernels/copy';
import * as expand from './kernels/expand';
import * as fill from './kernels/fill';
import * as gather from './kernels/gather';
import * as pool from './kernels/pool';
import * as reduce from './kernels/reduce';
import * as softmax from './kernels/softmax';
import { checkConvDw, convDw } from './kernels/conv_dw';
import { checkGemm, gemm } from './kernels/gemm';
import { gemv } from './kernels/gemv';
import * as spmm from './kernels/spmm';
import * as spmv from './kernels/spmv';
import * as unary from './kernels/unary';

/** Names the contract and the build: ABI version and `MARKER_` bits. */
// @ts-ignore: RELAXED is a build constant
export const marker: i32 = abi.ABI_VERSION | (RELAXED ? abi.MARKER_RELAXED : 0);

/** First byte behind the module's own data. */
export const heapBase: usize = __heap_base;

// One line a kernel: op code, kernel, check, bytes of its record.
register(abi.OP_GEMM, gemm, checkGemm, GEMM_SIZE);
register(abi.OP_CONV_DW, convDw, checkConvDw, DW_SIZE);
register(abi.OP_SPMV_CSR, spmv.csr, spmv.checkCsr, SPMV_SIZE);
register(abi.OP_SPMV_BSR1X4, spmv.bsr1x4, spmv.checkBsr1x4, SPMV_SIZE);
register(abi.OP_SPMV_BSR2, spmv.bsr2x1, spmv.checkBsr2x1, SPMV_SIZE);
register(abi.OP_SPMV_BSR4, spmv.bsr4x1, spmv.checkBsr4x1, SPMV_SIZE);
register(abi.OP_SPMV_BSR8, spmv.bsr8x1, spmv.checkBsr8x1, SPMV_SIZE);
register(abi.OP_SPMV_BSR16, spmv.bsr16x1, spmv.checkBsr16x1, SPMV_SIZE);
register(abi.OP_SPMV_BSR32_NARROW, spmv.bsr32x1_narrow, spmv.checkBsr32x1, SPMV_SIZE);
register(abi.OP_SPMV_BSR32_WIDE, spmv.bsr32x1_wide, spmv.checkBsr32x1, SPMV_SIZE);
register(abi.OP_SPMV_DENSE, gemv, spmv.checkDense, SPMV_SIZE);
register(abi.OP_SPMM_CSR_NARROW, spmm.csr_narrow, spmm.checkCsr, SPMM_SIZE);
register(abi.OP_SPMM_CSR_WIDE, spmm.csr_wide, spmm.checkCsr, SPMM_SIZE);
register(abi.OP_SPMM_BSR2_NARROW, spmm.bsr2x1_narrow, spmm.checkBsr2x1, SPMM_SIZE);
register(abi.OP_SPMM_BSR2_WIDE, spmm.bsr2x1_wide, spmm.checkBsr2x1, SPMM_SIZE);
register(abi.OP_SPMM_BSR4_NARROW, spmm.bsr4x1_narrow, spmm.checkBsr4x1, SPMM_SIZE);
register(abi.OP_SPMM_BSR4_WIDE, spmm.bsr4x1_wide, spmm.checkBsr4x1, SPMM_SIZE);
register(abi.OP_GEMM_PLANES_NARROW, spmm.dense_narrow, spmm.checkDense, SPMM_SIZE);
register(abi.OP_GEMM_PLANES_WIDE, spmm.dense_wide, spmm.checkDense, SPMM_SIZE);
register(abi.OP_COPY, copy.copy, copy.checkCopy, COPY_SIZE);
register(abi.OP_EXPAND, expand.expand, expand.checkExpand, EXPAND_SIZE);
register(abi.OP_FILL, fill.fill, fill.checkFill, FILL_SIZE);
register(abi.OP_HALO, fill.halo, fill.checkHalo, HALO_SIZE);
register(abi.OP_UNARY, unary.unary, unary.checkUnary, UNARY_SIZE);
register(abi.OP_BINARY, binary.binary, binary.checkBinary, BINARY_SIZE);
register(abi.OP_SOFTMAX, softmax.softmax, softmax.checkSoftmax, SOFTMAX_SIZE);
register(abi.OP_REDUCE, reduce.reduce, reduce.checkReduce, REDUCE_SIZE);
register(abi.OP_GATHER, gather.gather, gather.checkGather, GATHER_SIZE);
register(abi.OP_POOL, pool.pool, pool.checkPool, POOL_SIZE);
register(abi.OP_SKIP, control.skip, control.checkSkip, SKIP_SIZE);
register(abi.OP_REPEAT, control.repeat, control.checkRepeat, REPEAT_SIZE);
register(abi.OP_NEXT, control.next, control.checkNext, NEXT_SIZE);

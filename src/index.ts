/** The compiler: `zeroskip/compiler`. */
export type { Apoz, ApozLayer, ApozOptions } from './calibrate/apoz.ts';
export type { SampleData } from './calibrate/samples.ts';
export { apoz, type CompileOptions, compile, exportOnnx, importOnnx, type ModelSource } from './compile.ts';
export { type ErrorCode, ZeroskipError } from './errors.ts';
export { type Attrs, type ConvOptions, GraphBuilder, type PoolOptions, type Weights } from './graph/builder.ts';
export type { Attr, Clamp, Graph, Node, Value } from './graph/ir.ts';
export { type Inspection, inspect, type LayerInspection, type PlanInspection } from './inspect.ts';
export type { SlicedFormat, WeightFormat } from './ops/lower.ts';
export type { MaskOptions } from './passes/mask_options.ts';
export type { Exit } from './plan/exits.ts';
export type { Alternative } from './plan/types.ts';
export { apozChart, type ChartLayer } from './report/apoz.ts';
export type { BsrArrays, CsrArrays, Indices } from './sparse/dense_from.ts';
export { type Dim, type DType, Tensor, type TypedArray } from './tensor.ts';

/** The compiler: `zeroskip/compiler`. */
export type { Apoz, ApozLayer, ApozOptions } from './calibrate/apoz.ts';
export type { SampleData } from './calibrate/samples.ts';
export { apoz, type CompileOptions, compile, exportOnnx, importOnnx, type ModelSource } from './compile.ts';
export { type ErrorCode, ZeroskipError } from './errors.ts';
export { GraphBuilder } from './graph/builder.ts';
export type { Graph, Node, Value } from './graph/ir.ts';
export { type Inspection, inspect, type LayerInspection, type PlanInspection } from './inspect.ts';
export type { MaskOptions } from './passes/mask_options.ts';
export { apozChart } from './report/apoz.ts';
export { type DType, Tensor, type TypedArray } from './tensor.ts';

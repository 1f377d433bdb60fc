/** The runtime: loads packages and runs them. No compiler code, no dependency but `@assemblyscript/loader`. */
export { type ErrorCode, ZeroskipError } from '../errors.ts';
export type { PortInfo, StepInfo } from '../package/format.ts';
export { type Dim, type DType, Tensor, type TypedArray } from '../tensor.ts';
export type { Build, Variant } from './engine.ts';
export type { Feeds } from './feeds.ts';
export type { Progress } from './input.ts';
export { type LoadOptions, load } from './load.ts';
export type { Model, Outputs } from './model.ts';
export type { ProfileEntry } from './profile.ts';
export type { PackageSource } from './source.ts';
export type { WasmPaths } from './wasm_files.ts';

/**
 * `zeroskip/onnxruntime/lite`: as `zeroskip/onnxruntime`, for compiled packages (`.zsk`) only. There is no compiler in it.
 */
import * as common from 'onnxruntime-common';
import { InferenceSession } from './inference_session.ts';
import { register } from './register.ts';

export * from 'onnxruntime-common';
export { type ErrorCode, ZeroskipError } from '../errors.ts';
export type { ZeroskipSessionFactory } from './inference_session.ts';
export type { ZeroskipExecutionProviderOption } from './options.ts';
export type { OrtModule, RegisterOptions } from './register.ts';
export { InferenceSession, register };

register(common);

/** All of onnxruntime-common, as its packages for the web and for Node export it by default. */
export default { ...common, InferenceSession };

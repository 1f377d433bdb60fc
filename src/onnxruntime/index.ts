/**
 * `zeroskip/onnxruntime`: everything of onnxruntime-common, with sessions that run on zeroskip. Importing it registers the execution provider
 * `zeroskip` with onnxruntime-common, ahead of all others.
 */
import { acceptModels } from './backend.ts';
import { openOnnx } from './onnx.ts';

export * from './lite.ts';
export { default } from './lite.ts';

acceptModels(openOnnx);

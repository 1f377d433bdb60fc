/** Whether a node's domain is that of the standard ops. */
export const isStandard = (domain: string | undefined): boolean => !domain || domain === 'ai.onnx';

import type { Op } from '../../src/ops/op.ts';

/** Ops of these names that only the importer may use. */
export const fakeOps = (...names: string[]): Map<string, Op> =>
  new Map(
    names.map((name) => {
      const refuse = () => {
        throw new Error(`${name} is a fake`);
      };
      return [name, { name, onnx: {}, infer: refuse, reference: refuse, cases: [] }];
    }),
  );

import { runInThisContext } from 'node:vm';
import { build } from 'esbuild';
import { test } from 'uvu';
import { ZeroskipError } from '../../src/errors.ts';
import type { imagePreprocessor } from '../../src/image/index.ts';
import type { load } from '../../src/runtime/index.ts';
import { mlpPackage } from '../support/nets.ts';
import { rejects } from '../support/rejects.ts';
import { root } from '../support/sources.ts';

/** A classic script does not know where it is, so neither do the Wasm files beside it. */
const { outputFiles } = await build({
  stdin: {
    contents: "export * from 'zeroskip'; export { imagePreprocessor } from 'zeroskip/image';",
    resolveDir: root,
  },
  bundle: true,
  write: false,
  platform: 'browser',
  format: 'iife',
  globalName: 'placeless',
  logLevel: 'silent',
});
runInThisContext(outputFiles[0].text);
const { placeless } = globalThis as unknown as {
  placeless: { load: typeof load; imagePreprocessor: typeof imagePreprocessor };
};

const coded = (run: () => Promise<unknown>) => async (): Promise<void> => {
  // The class is the script's own.
  await rejects(
    () =>
      run().catch((error) => {
        throw Object.setPrototypeOf(error, ZeroskipError.prototype);
      }),
    'FILE_ERROR',
    /cannot be loaded: .*wasmPaths/,
  );
};

test(
  'images: what cannot be found is said to be so',
  coded(() => placeless.imagePreprocessor({ width: 1, height: 1 })),
);
test(
  'kernels: the same',
  coded(() => placeless.load(mlpPackage())),
);

test.run();

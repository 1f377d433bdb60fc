import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { compile } from '../../src/compile.ts';
import { cacheFolder } from '../lib/folders.ts';
import { networks } from '../lib/networks.ts';
import { benchNet } from '../nets/index.ts';

export interface PackageFile {
  network: string;
  file: string;
  bytes: number;
}

/** Writes the packages that are loaded: a small network and one of several megabytes. */
export async function writePackages(): Promise<PackageFile[]> {
  const folder = cacheFolder('cycles');
  mkdirSync(folder, { recursive: true });
  const small = networks.find(({ name }) => name === 'lenet5')!;
  const large = benchNet('mobilenetv1', 90);
  const sources = [
    { network: small.name, source: small.onnx(false) },
    { network: large.id, source: large.graph() },
  ];
  return Promise.all(
    sources.map(async ({ network, source }) => {
      const contents = await compile(source);
      const file = join(folder, `${network}.zsk`);
      writeFileSync(file, contents);
      return { network, file, bytes: contents.byteLength };
    }),
  );
}

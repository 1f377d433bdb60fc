import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { testDigits } from '../../bench/lib/mnist.ts';
import { networks } from '../../bench/lib/networks.ts';
import { compile } from '../../src/compile.ts';
import { root, textOf } from '../support/sources.ts';

/** An example as a user has it in front of him: its files, the package installed, a compiled model and an input. */
export interface Site {
  /** Holds the files of the example, `package.json`, `model.onnx`, `model.zsk` and `digit.bin`: 784 grey values of 0 to 255. */
  folder: string;
  /** The installed package. */
  installed: string;
  /** The contents of `model.zsk` and `digit.bin`. */
  model: Uint8Array;
  digit: Uint8Array;
  /** What PyTorch computes for the digit. */
  expected: readonly number[];
}

const NETWORK = 'lenet5';
const CLASSES = 10;

interface Manifest {
  version: string;
  dependencies: Record<string, string>;
}

let base: string | undefined;
let compiled: Promise<Uint8Array> | undefined;

/** A folder with `node_modules` as `npm install zeroskip` leaves it, made from the tarball that would be published; removed at exit. */
function installation(): string {
  if (base) return base;
  const folder = mkdtempSync(join(tmpdir(), 'zeroskip-hosts-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  const npm = ['pack', '--ignore-scripts', '--silent', '--pack-destination', folder];
  const tarball = execFileSync('npm', npm, { cwd: root, encoding: 'utf8', shell: process.platform === 'win32' }).trim();
  const installed = join(folder, 'node_modules', 'zeroskip');
  mkdirSync(installed, { recursive: true });
  execFileSync('tar', ['-xzf', join(folder, tarball), '-C', installed, '--strip-components=1']);
  const { dependencies } = JSON.parse(textOf('package.json')) as Manifest;
  for (const name of Object.keys(dependencies))
    cpSync(join(root, 'node_modules', name), join(folder, 'node_modules', name), { recursive: true });
  base = folder;
  return folder;
}

/** Stages the example in `examples/<example>`. */
export async function stage(example: string): Promise<Site> {
  const packages = installation();
  const folder = mkdtempSync(join(packages, `${example}-`));
  cpSync(join(root, 'examples', example), folder, { recursive: true });
  const network = networks.find(({ name }) => name === NETWORK)!;
  const [image] = network.indices;
  const { images, pixels } = testDigits();
  compiled ??= compile(network.onnx(false));
  const model = await compiled;
  const digit = images.slice(image * pixels, (image + 1) * pixels);
  const { version } = JSON.parse(textOf('package.json')) as Manifest;
  const manifest = { private: true, type: 'module', dependencies: { zeroskip: version } };
  writeFileSync(join(folder, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`);
  writeFileSync(join(folder, 'model.onnx'), network.onnx(true));
  writeFileSync(join(folder, 'model.zsk'), model);
  writeFileSync(join(folder, 'digit.bin'), digit);
  const installed = join(packages, 'node_modules', 'zeroskip');
  return { folder, installed, model, digit, expected: [...network.logits.subarray(0, CLASSES)] };
}

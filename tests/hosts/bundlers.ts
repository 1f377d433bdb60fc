import { execFile } from 'node:child_process';
import { cpSync, mkdirSync, symlinkSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { root } from '../support/sources.ts';
import type { Site } from './site.ts';

/** Packages that the configuration of an example imports. */
const TOOLS = ['vite', 'webpack', 'webpack-cli', 'esbuild', 'rollup', '@rollup/plugin-node-resolve'];

/** Gives the example packages of its own, as an installation in its folder would: Vite's server sends nothing from above it. */
export function install(site: Site): void {
  const modules = join(site.folder, 'node_modules');
  cpSync(dirname(site.installed), modules, { recursive: true });
  for (const tool of TOOLS) {
    mkdirSync(dirname(join(modules, tool)), { recursive: true });
    symlinkSync(join(root, 'node_modules', tool), join(modules, tool), 'junction');
  }
}

export type Mode = 'production' | 'development';

/** A bundler as its users call it. */
export interface Bundler {
  name: string;
  /** The folder below `examples/`. */
  example: string;
  command(mode: Mode): string[];
  env?(mode: Mode): NodeJS.ProcessEnv;
  /** The folder that a server then serves. */
  output: string;
  /** Wasm files that it puts there: it finds all four, or the configuration names two. */
  wasmFiles: number;
}

const bin = (file: string): string => join('node_modules', file);

export const BUNDLERS: readonly Bundler[] = [
  {
    name: 'Vite',
    example: 'vite',
    command: (mode) => [bin('vite/bin/vite.js'), 'build', '--mode', mode, '--logLevel', 'warn'],
    output: 'dist',
    wasmFiles: 4,
  },
  {
    name: 'webpack',
    example: 'webpack',
    command: (mode) => [bin('webpack-cli/bin/cli.js'), 'build', '--mode', mode],
    output: '.',
    wasmFiles: 4,
  },
  {
    name: 'esbuild',
    example: 'esbuild',
    command: (mode) => ['build.mjs', `--${mode}`],
    output: '.',
    wasmFiles: 2,
  },
  {
    name: 'Rollup',
    example: 'rollup',
    command: () => [bin('rollup/dist/bin/rollup'), '-c', '--silent'],
    env: (mode) => ({ NODE_ENV: mode }),
    output: '.',
    wasmFiles: 2,
  },
];

/** Builds the example and gives the folder to serve. */
export async function bundle({ command, env, output }: Bundler, site: Site, mode: Mode): Promise<string> {
  const options = { cwd: site.folder, env: { ...process.env, NODE_OPTIONS: '', ...env?.(mode) }, timeout: 60_000 };
  await new Promise<void>((resolve, reject) => {
    execFile(process.execPath, command(mode), options, (error, stdout, stderr) =>
      error ? reject(new Error(`${error.message}\n${stdout}${stderr}`)) : resolve(),
    );
  });
  return join(site.folder, output);
}

/** The example of Vite, built for production. */
export async function viteBuild(site: Site): Promise<{ folder: string }> {
  install(site);
  return { folder: await bundle(BUNDLERS[0], site, 'production') };
}

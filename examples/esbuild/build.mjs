import { build } from 'esbuild';

const development = process.argv.includes('--development');

await build({
  entryPoints: ['src/main.js'],
  outdir: 'dist',
  bundle: true,
  format: 'esm',
  target: 'es2022',
  minify: !development,
  sourcemap: development,
  loader: { '.wasm': 'file', '.zsk': 'file', '.bin': 'file' },
});

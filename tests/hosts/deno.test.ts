import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { denoEnvironment, denoHost, denoPath } from './deno.ts';
import { stage } from './site.ts';

const missing = denoHost.unavailable();
if (missing) console.log(`\nDeno is skipped: ${missing}`);
const runs = missing ? test.skip : test;

const site = await stage('deno');

const deno = (args: string[], input?: Uint8Array) =>
  spawnSync(denoPath, args, {
    cwd: site.folder,
    encoding: 'utf8',
    env: { ...process.env, ...denoEnvironment(site), NO_COLOR: '1' },
    input,
    timeout: 60_000,
  });

runs('the example fits the types that ship', () => {
  const { status, stderr } = deno(['check', '--cached-only', 'main.ts']);
  assert.is(status, 0, stderr);
  writeFileSync(join(site.folder, 'wrong.ts'), `import { load } from 'zeroskip'; await load(5);`);
  const wrong = deno(['check', '--cached-only', 'wrong.ts']);
  assert.is(wrong.status, 1);
  assert.match(wrong.stderr, /PackageSource/);
});

runs('without the permission to read, load says so', () => {
  const script = `
    import { load } from 'zeroskip';
    const bytes = await new Response(Deno.stdin.readable).arrayBuffer();
    for (const source of ['model.zsk', bytes])
      await load(source).catch(({ name, code, message }) => console.log(name, code, message));`;
  writeFileSync(join(site.folder, 'denied.ts'), script);
  const { status, stdout, stderr } = deno(['run', '--cached-only', '--no-prompt', 'denied.ts'], site.model);
  assert.is(status, 0, stderr);
  const [file, kernels] = stdout.trim().split('\n');
  assert.match(file, /^ZeroskipError FILE_ERROR load: model\.zsk cannot be read: .*read access/);
  assert.match(kernels, /^ZeroskipError FILE_ERROR load: the kernels cannot be loaded: .*read access/);
});

test.run();

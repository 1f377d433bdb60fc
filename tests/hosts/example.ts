/** `npm run example`: puts one of the examples into a folder, ready to run. */
import { cpSync, existsSync, readdirSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { runScript } from '../../bench/lib/command.ts';
import type { Args } from '../../src/cli/args.ts';
import { UsageError } from '../../src/cli/usage.ts';
import { didYouMean } from '../../src/words.ts';
import { root } from '../support/sources.ts';
import { stage } from './site.ts';

const names = readdirSync(join(root, 'examples'), { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map(({ name }) => name)
  .sort();

async function run(args: Args): Promise<number> {
  const name = args.string('name');
  if (name === undefined || !names.includes(name)) {
    const found = name === undefined ? 'nothing' : `'${name}'${didYouMean(name, names)}`;
    throw new UsageError(`--name is one of ${names.join(', ')}; found ${found}`);
  }
  const folder = args.string('folder');
  if (folder === undefined) throw new UsageError('--folder says where the example goes');
  const target = resolve(folder);
  if (existsSync(target) && readdirSync(target).length > 0) throw new UsageError(`--folder: ${target} is not empty`);
  const site = await stage(name);
  const modules = dirname(site.installed);
  cpSync(site.folder, target, { recursive: true });
  cpSync(modules, join(target, 'node_modules'), { recursive: true });
  console.log(`${target}: ${readdirSync(target).sort().join(', ')}`);
  return 0;
}

process.exitCode = await runScript(
  {
    name: 'example',
    summary:
      'puts an example into a folder, with the package installed as from npm, a compiled model and a digit for it',
    options: {
      name: { type: 'string', value: 'NAME', help: `one of ${names.join(', ')}` },
      folder: { type: 'string', value: 'FOLDER', help: 'where it goes; a new folder or an empty one' },
    },
    examples: ['example -- --name node --folder ../try'],
    run,
  },
  process.argv.slice(2),
);

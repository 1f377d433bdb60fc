/** `npm run bench:report`: from the newest results the README's section and the charts in `docs/`. */
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Args } from '../src/cli/args.ts';
import { runScript } from './lib/command.ts';
import { RESULTS, ROOT } from './lib/folders.ts';
import { type NetworkResults, readResults } from './lib/results.ts';
import { chart } from './report/chart.ts';
import { collect } from './report/collect.ts';
import { further } from './report/further.ts';
import { withSection } from './report/readme.ts';
import { type Drawn, section } from './report/section.ts';

async function run(args: Args): Promise<number> {
  const results = resolve(args.string('results') ?? RESULTS);
  const root = resolve(args.string('root') ?? ROOT);
  const drawn = collect(readResults<NetworkResults>('networks', results)).map((host): Drawn => {
    const path = `docs/latency-${host.key}.svg`;
    write(join(root, path), chart(host));
    console.log(path);
    return { results: host, chart: path };
  });
  const readme = join(root, 'README.md');
  write(readme, withSection(readFileSync(readme, 'utf8'), section(drawn, further(results))));
  console.log('README.md');
  return 0;
}

function write(file: string, contents: string): void {
  mkdirSync(join(file, '..'), { recursive: true });
  writeFileSync(`${file}.part`, contents);
  renameSync(`${file}.part`, file);
}

process.exitCode = await runScript(
  {
    name: 'bench:report',
    summary: "writes the README's section of results and the charts in docs/ from the newest files in bench/results",
    options: {
      results: { type: 'string', value: 'FOLDER', help: 'folder of the results (default: bench/results)' },
      root: { type: 'string', value: 'FOLDER', help: 'folder of README.md and docs/ (default: the project)' },
    },
    examples: ['bench:report'],
    run,
  },
  process.argv.slice(2),
);

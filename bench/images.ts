/** `npm run bench:images`: a camera's picture to the tensor of a network, against loops in JavaScript. */
import type { Args } from '../src/cli/args.ts';
import { duration } from '../src/cli/format.ts';
import { uniform } from '../src/cli/random.ts';
import { table } from '../src/cli/table.ts';
import { ensure } from '../src/errors.ts';
import { IMAGENET, type ImageOptions, imagePreprocessor } from '../src/image/index.ts';
import { antialiased, bilinear } from './images/loops.ts';
import { alternate } from './lib/alternate.ts';
import { runScript } from './lib/command.ts';
import { MEASURING_OPTIONS, pinnedExit } from './lib/measuring.ts';
import { relativeError } from './lib/stats.ts';

const TARGET = { ...IMAGENET, width: 224, height: 224 };
const [WIDTH, HEIGHT] = [1920, 1080];
const TOLERANCE = 1e-5;

const CASES: { name: string; options?: Partial<ImageOptions>; loops: typeof bilinear }[] = [
  { name: 'bilinear, antialiased', loops: antialiased },
  { name: 'bilinear, four nearest pixels', options: { antialias: false }, loops: bilinear },
];

async function run(args: Args): Promise<number> {
  const budgetMs = args.number('ms', 1, false) ?? 3000;
  const code = pinnedExit(args);
  if (code !== undefined) return code;
  const next = uniform(1);
  const data = Uint8ClampedArray.from({ length: WIDTH * HEIGHT * 4 }, () => 256 * next());
  const picture = { data, width: WIDTH, height: HEIGHT };
  const rows: string[][] = [];
  for (const { name, options, loops } of CASES) {
    const prepare = await imagePreprocessor({ ...TARGET, ...options });
    const error = relativeError(prepare(picture).data as Float32Array, loops(picture, TARGET));
    ensure(error <= TOLERANCE, 'INTERNAL', () => `${name}: error ${error}`);
    const times = await alternate(
      { wasm: () => prepare(picture), js: () => loops(picture, TARGET) },
      { budgetMs, turnMs: 20, warmUpCalls: 10 },
    );
    const ratio = (times.js.min / times.wasm.min).toFixed(2);
    rows.push([name, ...[times.wasm.min, times.wasm.median, times.js.min, times.js.median].map(duration), ratio]);
  }
  const right = (title: string) => ({ title, right: true });
  console.log(`${WIDTH} x ${HEIGHT} RGBA to 1x3x224x224, normalised; Node ${process.versions.node}, one thread\n`);
  const columns = ['Wasm, min', 'median', 'loops, min', 'median', 'ratio of minima'].map(right);
  console.log(table([{ title: 'resize' }, ...columns], rows).join('\n'));
  return 0;
}

process.exitCode = await runScript(
  {
    name: 'bench:images',
    summary: 'a picture of 1920 x 1080 pixels to the tensor of a network, against loops in JavaScript',
    options: {
      ms: { type: 'string', value: 'MS', help: 'time for each way of resizing, in ms (default: 3000)' },
      node: MEASURING_OPTIONS.node,
      core: MEASURING_OPTIONS.core,
    },
    examples: ['bench:images', 'bench:images -- --node 24'],
    run,
  },
  process.argv.slice(2),
);

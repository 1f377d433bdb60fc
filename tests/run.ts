/** Runs every `*.test.ts` below this folder in one process (or those whose path contains an argument) and closes with the counts. */
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parse } from 'uvu/parse';
import { run } from 'uvu/run';

const folder = dirname(fileURLToPath(import.meta.url));
const wanted = process.argv.slice(2);
const { suites } = await parse(folder, /\.test\.ts$/);
const chosen = suites.filter(({ name }) => wanted.length === 0 || wanted.some((part) => name.includes(part)));

// uvu prints its totals and keeps them to itself.
const totals = { Total: 0, Passed: 0, Skipped: 0 };
const write = process.stdout.write.bind(process.stdout);
process.stdout.write = ((chunk: string | Uint8Array, ...rest: never[]) => {
  // biome-ignore lint/suspicious/noControlCharactersInRegex: uvu colours its totals
  const text = String(chunk).replace(/\u001b\[\d+m/g, '');
  for (const [, key, count] of text.matchAll(/^\s+(Total|Passed|Skipped):\s+(\d+)/gm))
    totals[key as keyof typeof totals] = Number(count);
  return write(chunk, ...rest);
}) as typeof process.stdout.write;

await run(chosen, { bail: false });
const failed = totals.Total - totals.Passed;
write(`${totals.Passed} passed, ${failed} failed, ${totals.Skipped} skipped\n`);
process.exit(failed > 0 || totals.Total === 0 ? 1 : 0);

/** `npm run test:hosts`: runs the examples on all hosts that are found (or those whose names contain an argument) and shows a table. */
import { bytes, duration } from '../../src/cli/format.ts';
import { table } from '../../src/cli/table.ts';
import { useBrowser } from '../support/browser.ts';
import { check, TOLERANCE } from './check.ts';
import { HOSTS } from './index.ts';

const wanted = process.argv.slice(2).map((word) => word.toLowerCase());
const chosen = HOSTS.filter(
  ({ name }) => wanted.length === 0 || wanted.some((word) => name.toLowerCase().includes(word)),
);
const missing: string[] = [];
const failed: string[] = [];
const rows: string[][] = [];

const browser = useBrowser();
for (const host of chosen) {
  const reason = host.unavailable();
  if (reason) {
    missing.push(`${host.name}: ${reason}`);
    rows.push([host.name, 'not found', '', '', '', '']);
    continue;
  }
  try {
    const { error, coldMs, bytes: size } = await check(host);
    const right = error <= TOLERANCE;
    if (!right) failed.push(`${host.name}: error ${error} of its outputs, at most ${TOLERANCE} expected`);
    const outputs = `${right ? 'right' : 'wrong'} (${error.toExponential(1)})`;
    rows.push([host.name, 'yes', outputs, duration(coldMs), bytes(size.raw), bytes(size.brotli)]);
  } catch (error) {
    failed.push(`${host.name}: ${(error as Error).message}`);
    rows.push([host.name, 'no', '', '', '', '']);
  }
}

await browser.release();

const right = (title: string) => ({ title, right: true });
const columns = [{ title: 'host' }, { title: 'loads' }, { title: 'outputs' }, right('cold start'), right('runtime')];
console.log(table([...columns, right('brotli 11')], rows).join('\n'));
const list = (title: string, lines: readonly string[]) =>
  lines.length > 0 && console.log(['', title, ...lines.map((line) => `  ${line}`)].join('\n'));
list('Not found:', missing);
list('Failed:', failed);
process.exitCode = failed.length > 0 || rows.length === missing.length ? 1 : 0;

import { fileURLToPath } from 'node:url';
import { bytesLoaded } from './bytes.ts';
import type { Host } from './host.ts';
import { runProgram } from './process.ts';

const driver = fileURLToPath(new URL('lambda_driver.mjs', import.meta.url));

export const lambdaHost: Host = {
  name: 'AWS Lambda handler',
  example: 'lambda',
  unavailable: () => undefined,
  async run(site) {
    const args = [driver, 'handler.mjs', 'digit.bin'];
    const { report, coldMs } = await runProgram(process.execPath, args, site.folder);
    return { logits: report.logits, coldMs, bytes: await bytesLoaded(site, 'handler.mjs', report.variant) };
  },
};

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { useBrowser } from '../support/browser.ts';
import { check, TOLERANCE } from './check.ts';
import { HOSTS } from './index.ts';

const browser = useBrowser();

for (const host of HOSTS) {
  const reason = host.unavailable();
  if (reason) {
    console.log(`\n${host.name} is skipped: ${reason}`);
    test.skip(host.name, () => undefined);
    continue;
  }
  test(`${host.name} runs its example`, async () => {
    const { error, coldMs, bytes } = await check(host);
    assert.ok(error <= TOLERANCE, `error ${error}`);
    assert.ok(coldMs > 0 && bytes.raw > bytes.brotli && bytes.brotli > 0);
  });
}

test.after(() => browser.release());
test.run();

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { Contract } from '../support/contract.ts';
import { SWEEPS } from '../support/sweep.ts';

const contract = await Contract.open('simd');

for (const [name, sites] of SWEEPS) {
  test(`${name}: sizes around every tile edge`, async () => {
    const { failures } = contract;
    const before = failures.length;
    for (const site of sites()) await contract.check(site.name, site.graph, site.feeds, false);
    assert.equal(failures.slice(before, before + 5), [], `${failures.length - before} failures`);
  });
}

test('the sweep has run', () => {
  console.log(`\nsweep: ${contract.cases} sites, ${contract.combinations} of site x kernel x engine class`);
  assert.ok(contract.combinations > contract.cases);
});

test.run();

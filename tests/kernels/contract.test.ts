import { test } from 'uvu';
import * as assert from 'uvu/assert';
import * as abi from '../../assembly/abi.ts';
import { OPS } from '../../src/ops/index.ts';
import { caseGraph } from '../support/case_graph.ts';
import { Contract } from '../support/contract.ts';
import { CONTROL_CODES } from '../support/control_codes.ts';

const contract = await Contract.open('simd');

for (const op of OPS.values()) {
  test(`${op.name}: every case by every kernel`, async () => {
    assert.ok(!op.lower || op.cases.length > 0, 'the op has a kernel and no case');
    const before = contract.failures.length;
    for (const opCase of op.cases) {
      const { graph, feeds } = caseGraph(op, opCase);
      await contract.check(`${op.name} '${opCase.name}'`, graph, feeds);
    }
    assert.equal(contract.failures.slice(before, before + 5), []);
  });
}

test('every kernel that an op offers and every op code has run', () => {
  const codes = Object.entries(abi).filter(([name]) => /^OP_(?!LIMIT|EXTRA)/.test(name));
  assert.equal(
    [...contract.offered].filter((kernel) => !contract.kernels.has(kernel)),
    [],
  );
  assert.equal(
    codes.filter(([name, code]) => !contract.opCodes.has(code) && !CONTROL_CODES.includes(name)).map(([name]) => name),
    [],
  );
  const { cases, combinations, kernels, opCodes } = contract;
  console.log(
    `\ncontract: ${cases} cases, ${combinations} of op x case x kernel x engine class, on 1, 2 and 3 threads; ${kernels.size} kernels, ${opCodes.size} op codes`,
  );
});

test.run();

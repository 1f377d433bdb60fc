/** Runs a part of the contract suite on the relaxed build, in a process of its own where the host needs a flag for it; prints JSON. */
import { OPS } from '../../src/ops/index.ts';
import { caseGraph } from './case_graph.ts';
import { Contract } from './contract.ts';
import { SWEEPS } from './sweep.ts';

/** Every third case of an op, every ninth site of a sweep: kernels differ from the other build in one instruction only. */
const CASES = 3;
const SITES = 9;

const contract = await Contract.open('relaxed');
for (const op of OPS.values()) {
  for (const opCase of op.cases.filter((_, i) => i % CASES === 0)) {
    const { graph, feeds } = caseGraph(op, opCase);
    await contract.check(`${op.name} '${opCase.name}'`, graph, feeds);
  }
}
let turn = 0;
for (const [, sites] of SWEEPS) {
  for (const site of sites()) if (turn++ % SITES === 0) await contract.check(site.name, site.graph, site.feeds, false);
}
const { failures, cases, combinations, kernels, opCodes } = contract;
console.log(JSON.stringify({ failures, cases, combinations, kernels: [...kernels], opCodes: [...opCodes] }));

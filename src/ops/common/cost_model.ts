/**
 * What a modelled time is made of: `cost = sum(constants[term] * terms[term])`, the constants from the record that `costs.ts` holds
 * under `group`, as in `SPMM.csr`. `bench:fit` measures candidates and solves for the constants.
 */
export interface CostModel {
  group: string;
  terms: Readonly<Record<string, number>>;
}

/** The cost of a candidate, and what it is made of. */
export function modelled<T extends Readonly<Record<string, number>>>(
  group: string,
  constants: T,
  terms: { readonly [K in keyof T]?: number },
): { cost: number; model: CostModel } {
  const counted = terms as Readonly<Record<string, number>>;
  const cost = Object.entries(counted).reduce((sum, [term, count]) => sum + constants[term] * count, 0);
  return { cost, model: { group, terms: counted } };
}

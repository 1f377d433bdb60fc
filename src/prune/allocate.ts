/** One way to prune a layer: what it costs in the budget and what it loses in the metric. */
export interface Option {
  cost: number;
  loss: number;
}

/** A chosen option of each layer, by its number, and the sums; under several budgets `cost` is the largest share of a budget. */
export interface Allocation {
  choice: number[];
  cost: number;
  loss: number;
}

interface State extends Option {
  pick: number;
  from?: State;
}

/** States that are kept after each layer; more are thinned out evenly over the costs. */
const MOST_STATES = 8192;

/**
 * The options, one of each layer, that minimise `sum loss` subject to `sum cost <= budget`: dynamic programming over the layers that keeps
 * every combination which no other beats in both sums. Exact up to 8192 such combinations; beyond that of neighbours in cost the one with
 * the smallest loss is kept.
 *
 * @returns undefined if even the cheapest options cost more than the budget
 */
export function allocate(layers: readonly (readonly Option[])[], budget: number): Allocation | undefined {
  const least = layers.map((options) => Math.min(...options.map(({ cost }) => cost)));
  let rest = least.reduce((sum, cost) => sum + cost, 0);
  if (!(rest <= budget)) return undefined;
  let states: State[] = [{ cost: 0, loss: 0, pick: -1 }];
  layers.forEach((options, l) => {
    rest -= least[l];
    const next = states.flatMap((from) =>
      options.map(
        (option, pick): State => ({ cost: from.cost + option.cost, loss: from.loss + option.loss, pick, from }),
      ),
    );
    // Sums in another order may differ in the last bits.
    const room = budget - rest + 1e-9 * Math.abs(budget);
    states = thin(front(next.filter(({ cost }) => cost <= room)));
  });
  const best = states.reduce((a, b) => (b.loss < a.loss ? b : a));
  const choice: number[] = [];
  for (let state: State | undefined = best; state?.from; state = state.from) choice.unshift(state.pick);
  return { choice, cost: best.cost, loss: best.loss };
}

/** What no other state beats in both sums, in order of cost. */
function front(states: State[]): State[] {
  states.sort((a, b) => a.cost - b.cost || a.loss - b.loss);
  let least = Number.POSITIVE_INFINITY;
  return states.filter(({ loss }) => {
    if (loss >= least) return false;
    least = loss;
    return true;
  });
}

function thin(states: State[]): State[] {
  if (states.length <= MOST_STATES) return states;
  const width = states.length / MOST_STATES;
  // On a front the last of neighbours has the smallest loss; the cheapest of all has to stay.
  return [states[0], ...Array.from({ length: MOST_STATES }, (_, i) => states[Math.floor((i + 1) * width) - 1])];
}

/** Options of a layer under several budgets at once. */
export interface Choice {
  costs: readonly number[];
  loss: number;
}

interface Combination {
  costs: readonly number[];
  loss: number;
  pick: number;
  from?: Combination;
}

/**
 * {@link allocate} under several budgets: `sum_l cost_lk <= budget_k` for each k. Combinations that cannot be completed within all budgets are
 * dropped. Exact up to 8192 combinations after a layer; beyond that, of those whose costs fall into the same cell of a grid the one
 * with the smallest loss is kept, and the cheapest of all.
 *
 * @returns undefined if no combination was found
 */
export function allocateAll(
  layers: readonly (readonly Choice[])[],
  budgets: readonly number[],
): Allocation | undefined {
  if (budgets.length === 1)
    return allocate(
      layers.map((own) => own.map(({ costs, loss }) => ({ cost: costs[0], loss }))),
      budgets[0],
    );
  const least = layers.map((own) => budgets.map((_, k) => Math.min(...own.map(({ costs }) => costs[k]))));
  const rest = budgets.map((_, k) => least.reduce((sum, own) => sum + own[k], 0));
  let states: Combination[] = [{ costs: budgets.map(() => 0), loss: 0, pick: -1 }];
  layers.forEach((own, l) => {
    for (const k of rest.keys()) rest[k] -= least[l][k];
    const next = states.flatMap((from) =>
      own.map(
        ({ costs, loss }, pick): Combination => ({
          costs: costs.map((cost, k) => cost + from.costs[k]),
          loss: from.loss + loss,
          pick,
          from,
        }),
      ),
    );
    const fits = ({ costs }: Combination): boolean =>
      costs.every((cost, k) => cost <= budgets[k] - rest[k] + 1e-9 * Math.abs(budgets[k]));
    states = inCells(next.filter(fits), budgets);
  });
  if (states.length === 0) return undefined;
  const best = states.reduce((a, b) => (b.loss < a.loss ? b : a));
  const choice: number[] = [];
  for (let state: Combination | undefined = best; state?.from; state = state.from) choice.unshift(state.pick);
  return { choice, cost: Math.max(...best.costs.map((cost, k) => cost / budgets[k])), loss: best.loss };
}

function inCells(states: Combination[], budgets: readonly number[]): Combination[] {
  if (states.length <= MOST_STATES) return states;
  const side = Math.floor(MOST_STATES ** (1 / budgets.length));
  const load = ({ costs }: Combination): number => Math.max(...costs.map((cost, k) => cost / budgets[k]));
  const cells = new Map<string, Combination>();
  let lightest = states[0];
  for (const state of states) {
    const cell = state.costs.map((cost, k) => Math.floor((cost / budgets[k]) * side)).join();
    const other = cells.get(cell);
    if (!other || state.loss < other.loss) cells.set(cell, state);
    if (load(state) < load(lightest)) lightest = state;
  }
  return [lightest, ...cells.values()];
}

/** One way to prune a layer: what it costs in the budget and what it loses in the metric. */
export interface Option {
  cost: number;
  loss: number;
}

/** A chosen option of each layer, by its number, and the sums. */
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

const ROUNDS = 40;

/**
 * {@link allocate} under several budgets: the surrogate `sum_k w_k cost_k / budget_k <= 1`, whose weights move towards the budgets that a
 * solution breaks, until all hold. With one budget this is the exact solution.
 *
 * @returns undefined if no solution was found
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
  let weights = budgets.map(() => 1 / budgets.length);
  let limit = 1;
  let best: Allocation | undefined;
  for (let round = 0; round < ROUNDS; round++) {
    const priced = layers.map((own) =>
      own.map(({ costs, loss }) => ({
        loss,
        cost: costs.reduce((sum, c, k) => sum + (weights[k] * c) / budgets[k], 0),
      })),
    );
    const found = allocate(priced, limit);
    if (!found) break;
    const used = budgets.map(
      (budget, k) => layers.reduce((sum, own, l) => sum + own[found.choice[l]].costs[k], 0) / budget,
    );
    const worst = Math.max(...used);
    if (worst <= 1 + 1e-9) {
      if (!best || found.loss < best.loss) best = found;
      break;
    }
    const moved = weights.map((w, k) => w * used[k] ** 4);
    const sum = moved.reduce((a, b) => a + b, 0);
    weights = moved.map((w) => w / sum);
    if (round > ROUNDS / 2) limit *= 0.97;
  }
  return best;
}

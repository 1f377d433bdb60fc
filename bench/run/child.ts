/** One network in one process: told what to do by the parent, it measures and reports through the channel between them. */
import { benchNet } from '../nets/index.ts';
import { RUNTIMES } from '../peers/index.ts';
import { compareInBrowser } from './browser.ts';
import { compare } from './compare.ts';
import type { FromChild, ToChild } from './protocol.ts';

const send = (message: FromChild): void => {
  process.send?.(message);
};

process.once('message', async ({ network, sparsity, pattern, runtimes, options, browser }: ToChild) => {
  try {
    const net = benchNet(network, sparsity, pattern);
    const onStage = (share: number, label: string, opening?: FromChild['opening']) => send({ share, label, opening });
    const chosen = RUNTIMES.filter(({ name }) => runtimes.includes(name));
    const outcomes = browser
      ? await compareInBrowser(browser, net, runtimes, options, onStage)
      : await compare(net, chosen, options, onStage);
    process.send?.({ outcomes } satisfies FromChild, () => process.exit(0));
  } catch (error) {
    process.send?.({ error: (error as Error).message } satisfies FromChild, () => process.exit(1));
  }
});

import { type AlternateOptions, alternate } from '../lib/alternate.ts';
import type { BenchNet } from '../nets/index.ts';
import type { ChannelsLast } from './layer.ts';
import { layersOf } from './layers.ts';
import { litertVersion, openLiteRt, unloadLiteRt } from './litert_session.ts';
import type { Runtime, Session } from './runtime.ts';

/** Least gain that shows that zeros are skipped. */
const GAIN = 0.9;

const BRIEFLY: AlternateOptions = { budgetMs: 1500, leastRounds: 3, warmUpMs: 0, warmUpCalls: 1, turnMs: 5 };

/**
 * LiteRT.js (XNNPACK) with filters in sparse tensors, which it multiplies sparsely where the whole network has the shape that it wants: a
 * 3x3 convolution of stride 2 and pad 1 first, then 1x1 and depthwise ones, then a mean. Other settings are those of the dense file. When a
 * network is opened, its sparse and its dense file are timed against each other, and a note tells if the sparse one is not faster.
 */
export const litertSparse: Runtime = {
  name: 'litert-sparse',
  label: 'LiteRT.js, sparse tensors',
  version: litertVersion,
  unsupported: ({ sparsity }) => (sparsity === 0 ? 'the network has no zeros to leave out' : undefined),
  async open(net) {
    const network = layersOf(net.graph());
    const session = await openLiteRt(net, network, { sparse: true, copy: 'sparse' });
    return { ...session, notes: await compareWithDense(session, net, network) };
  },
};

async function compareWithDense(session: Session, net: BenchNet, network: ChannelsLast): Promise<string[]> {
  const copy = 'comparison';
  const dense = await openLiteRt(net, network, { sparse: false, copy });
  const contestants = { sparse: () => session.run(), dense: () => dense.run() };
  const times = await alternate(contestants, BRIEFLY);
  dense.dispose();
  await unloadLiteRt(copy);
  const ratio = times.sparse.min / times.dense.min;
  return ratio < GAIN ? [] : [`its file takes ${ratio.toFixed(2)}x the time of the dense one: zeros are not skipped`];
}

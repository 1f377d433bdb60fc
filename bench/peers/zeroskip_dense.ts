import { version } from '../lib/machine.ts';
import type { OpenedNet, Runtime } from './runtime.ts';
import { openZeroskip } from './zeroskip.ts';

/** Ours with `sparse: 'off'`: zeros are stored and multiplied. */
export const zeroskipDense: Runtime<OpenedNet> = {
  name: 'zeroskip-dense',
  label: 'zeroskip, dense',
  version: () => version,
  unsupported: () => undefined,
  open: (net) => openZeroskip(net, 'off'),
};

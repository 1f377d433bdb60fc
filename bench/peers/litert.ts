import { layersOf } from './layers.ts';
import { litertVersion, openLiteRt } from './litert_session.ts';
import type { Runtime } from './runtime.ts';

/**
 * LiteRT.js (XNNPACK), dense weights. Best settings: its relaxed SIMD build where the host has it, one thread, activations fused, padding
 * that XNNPACK does within its convolutions.
 */
export const litert: Runtime = {
  name: 'litert',
  label: 'LiteRT.js',
  version: litertVersion,
  unsupported: () => undefined,
  open: (net) => openLiteRt(net, layersOf(net.graph()), { sparse: false, copy: 'dense' }),
};

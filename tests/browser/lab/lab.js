import * as cache from '/zeroskip/web/cache.js';
import * as worker from '/zeroskip/web/worker.js';
import * as runtime from '/zeroskip/web/zeroskip.js';

// tsx wraps the functions that tests send here.
globalThis.__name = (value) => value;

const pixels = new Uint8Array(await (await fetch('/digit.bin')).arrayBuffer());

const feeds = () => ({
  input: new runtime.Tensor(
    'float32',
    Float32Array.from(pixels, (p) => (p / 255 - 0.1307) / 0.3081),
    [1, 1, 28, 28],
  ),
});

globalThis.zeroskip = {
  ...runtime,
  ...cache,
  ...worker,
  feeds,
  logits: async (model) => [...(await model.run(feeds())).logits.data],
  startWorker: () => new Worker('/zeroskip/web/worker-script.js', { type: 'module' }),
  async failure(promise) {
    const hang = new Promise((_, reject) => {
      setTimeout(() => reject(new Error('nothing has happened for 15 s')), 15_000);
    });
    try {
      await Promise.race([promise, hang]);
      return undefined;
    } catch (error) {
      if (!(error instanceof runtime.ZeroskipError)) throw error;
      return { code: error.code, message: error.message };
    }
  },
};

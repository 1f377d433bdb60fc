import { port } from '#worker-host';
import { ZeroskipError } from '../errors.ts';
import { load } from '../runtime/load.ts';
import type { Model } from '../runtime/model.ts';
import type { Tensor } from '../tensor.ts';
import type { ModelFacts, PlainTensors, Reply, Request } from './protocol.ts';

/** Models by number; a model that still loads is a promise. */
const models = new Map<number, Model>();
const loading = new Map<number, AbortController>();

function factsOf(model: Model): ModelFacts {
  const { name, inputs, outputs, variant, engine, memoryBytes, arenaBytes } = model;
  return { name, inputs, outputs, metadata: { ...model.metadata }, variant, engine, memoryBytes, arenaBytes };
}

function live(number: number): Model {
  const model = models.get(number);
  if (!model) throw new ZeroskipError('DISPOSED', 'run: the model has been disposed');
  return model;
}

const plain = (outputs: Record<string, Tensor>): PlainTensors =>
  Object.fromEntries(Object.entries(outputs).map(([name, { type, data, dims }]) => [name, { type, data, dims }]));

/** Holds a lock until this thread ends, which is how the page learns of that. */
const hold = (lock: string): Promise<void> =>
  new Promise((resolve, reject) => {
    const held = () => {
      resolve();
      return new Promise<never>(() => undefined);
    };
    navigator.locks.request(lock, held).catch(reject);
  });

async function answer(id: number, request: Request): Promise<Reply | undefined> {
  if (request.kind === 'hold') {
    await hold(request.lock);
    return { id, kind: 'held', value: undefined };
  }
  const { model } = request;
  switch (request.kind) {
    case 'load': {
      const controller = new AbortController();
      loading.set(model, controller);
      try {
        const onProgress = request.progress
          ? ({ loaded, total }: { loaded: number; total: number | undefined }) =>
              port.post({ id, kind: 'progress', loaded, total } satisfies Reply, [])
          : undefined;
        const loaded = await load(request.source, { ...request.options, onProgress, signal: controller.signal });
        models.set(model, loaded);
        return { id, kind: 'loaded', value: factsOf(loaded) };
      } finally {
        loading.delete(model);
      }
    }
    case 'abort':
      loading.get(model)?.abort();
      return undefined;
    case 'run':
      return { id, kind: 'outputs', value: plain(live(model).runSync(request.feeds)) };
    case 'profile':
      return { id, kind: 'profile', value: live(model).profile(request.feeds) };
    case 'dispose':
      models.get(model)?.dispose();
      models.delete(model);
      return { id, kind: 'disposed', value: undefined };
  }
}

function failure(id: number, error: unknown): Reply {
  const code = error instanceof ZeroskipError ? error.code : 'INTERNAL';
  return { id, kind: 'error', code, message: error instanceof Error ? error.message : String(error) };
}

port.listen(async (message) => {
  const { id, request } = message as { id: number; request: Request };
  const reply = await answer(id, request).catch((error: unknown) => failure(id, error));
  if (!reply) return;
  const buffers =
    reply.kind === 'outputs' ? Object.values(reply.value).map(({ data }) => data.buffer as ArrayBuffer) : [];
  port.post(reply, buffers);
});

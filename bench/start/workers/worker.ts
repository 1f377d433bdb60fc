/** What a Worker that is measured has to do: it takes its input from the request, its model from a service of files, and answers with its first result. */
import { largest } from '../largest.ts';

export const DIMS = [1, 3, 224, 224];
export const DIMS_LAST = [1, 224, 224, 3];

/** A request to this path leaves packages as they ship: {@link usePrecompiled} does nothing. */
export const AS_SHIPPED = '/as-shipped';

export interface Env {
  FILES: { fetch(url: string): Promise<Response> };
}

export interface Worker {
  fetch(request: Request, env: Env): Promise<Response>;
}

/** Opens the model file. */
export type OpenModel = () => Promise<Response>;

let asShipped = false;

/** A Worker that answers every request with the largest of the outputs of `infer`, or with what went wrong. */
export const worker = (
  infer: (input: Float32Array<ArrayBuffer>, openModel: OpenModel) => Promise<ArrayLike<number>>,
): Worker => ({
  async fetch(request, env) {
    try {
      asShipped = new URL(request.url).pathname === AS_SHIPPED;
      const bytes = await request.arrayBuffer();
      const input = new Float32Array(bytes.byteLength / 4);
      new Uint8Array(input.buffer).set(new Uint8Array(bytes));
      const output = await infer(input, () => env.FILES.fetch('http://files/model'));
      return Response.json(largest(output));
    } catch (error) {
      return new Response(String((error as Error).stack ?? error), { status: 500 });
    }
  },
});

/**
 * Scripts of Emscripten compile their Wasm themselves, which Workers may not: what they instantiate from bytes becomes `module`, which was
 * compiled when the Worker was uploaded. They also look for the globals of a web worker.
 */
export function usePrecompiled(module: WebAssembly.Module): void {
  const scope = globalThis as Record<string, unknown>;
  scope.location ??= { href: 'http://localhost/', pathname: '/' };
  scope.importScripts ??= () => undefined;
  if (asShipped) return;
  const { instantiate } = WebAssembly;
  const replaced = async (source: WebAssembly.Module | BufferSource, imports?: WebAssembly.Imports) =>
    source instanceof WebAssembly.Module
      ? instantiate(source, imports)
      : { module, instance: await instantiate(module, imports) };
  WebAssembly.instantiate = replaced as typeof WebAssembly.instantiate;
}

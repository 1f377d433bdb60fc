/** What a page that is measured has to do: it fetches its model and its input, and tells the server its first result. */
import { type First, largest } from '../largest.ts';

/** Address of the model, which the page's HTML names. */
export const model = document.documentElement.dataset.model!;

export const DIMS = [1, 3, 224, 224];
export const DIMS_LAST = [1, 224, 224, 3];

export async function fetchBytes(url: string): Promise<Uint8Array<ArrayBuffer>> {
  return new Uint8Array(await (await fetch(url)).arrayBuffer());
}

/** The input as floats. */
export async function fetchInput(): Promise<Float32Array<ArrayBuffer>> {
  const bytes = await fetchBytes(document.documentElement.dataset.input!);
  const floats = new Float32Array(bytes.length / 4);
  new Uint8Array(floats.buffer).set(bytes);
  return floats;
}

/** What a page tells. */
export interface PageResult extends First {
  /** Milliseconds from the start of the navigation. */
  ms: number;
}

const post = (path: string, body?: PageResult): Promise<Response> =>
  fetch(path, { method: 'POST', body: body && JSON.stringify(body) });

/**
 * Reports the largest output and where it is. A page that the server lets live on then runs `again` for a second, as a page that is used
 * does, so that the engine has something to keep for the next visit.
 */
export async function done(output: ArrayLike<number>, again: () => unknown = () => undefined): Promise<void> {
  const first = largest(output);
  const ms = performance.now();
  const { status } = await post('/result', { ms, ...first });
  if (status !== 202) return;
  while (performance.now() < ms + 1000) await again();
  await post('/idle');
}

/** Runs a page and tells the server what went wrong, if something does. */
export function run(page: () => Promise<void>): void {
  page().catch((error: Error) => fetch('/failed', { method: 'POST', body: String(error.stack ?? error) }));
}

/** One of the Wasm builds that ship beside the runtime. */
export async function wasmBytes(variant: 'simd' | 'relaxed'): Promise<BufferSource> {
  const url =
    variant === 'relaxed'
      ? new URL('../../../wasm/zeroskip.relaxed.wasm', import.meta.url)
      : new URL('../../../wasm/zeroskip.simd.wasm', import.meta.url);
  const response = await fetch(url);
  if (!response.ok) throw new Error(`${url}: HTTP status ${response.status}`);
  return response.arrayBuffer();
}

/** Opens a package by fetch. */
export const open = (location: string | URL): Promise<Uint8Array | Response> => fetch(location);

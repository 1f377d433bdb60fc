/** Where packages are kept: one entry per URL and version. */
export interface Store {
  get(url: string, version: string): Promise<Uint8Array | undefined>;
  put(url: string, version: string, bytes: Uint8Array): Promise<void>;
  /** Drops the entries of a URL, but for one version. */
  clear(url: string, except?: string): Promise<void>;
}

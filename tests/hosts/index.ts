import { bunHost } from './bun.ts';
import { denoHost } from './deno.ts';
import type { Host } from './host.ts';
import { nodeHosts } from './node.ts';

/** All hosts, whether they are there or not. */
export const HOSTS: readonly Host[] = [...nodeHosts, denoHost, bunHost];

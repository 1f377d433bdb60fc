import { bunHost } from './bun.ts';
import { denoHost } from './deno.ts';
import { edgeHost } from './edge.ts';
import type { Host } from './host.ts';
import { lambdaHost } from './lambda.ts';
import { nodeHosts } from './node.ts';
import { pageHosts } from './pages.ts';
import { workerdHost } from './workerd.ts';

/** All hosts, whether they are there or not. */
export const HOSTS: readonly Host[] = [
  ...nodeHosts,
  denoHost,
  bunHost,
  workerdHost,
  edgeHost,
  lambdaHost,
  ...pageHosts,
];

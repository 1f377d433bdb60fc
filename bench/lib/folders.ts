import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The project. */
export const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** A folder that git ignores, for what can be made again. */
export const cacheFolder = (...names: string[]): string => join(ROOT, 'bench', '.cache', ...names);

/** Where measurements are kept. */
export const RESULTS = join(ROOT, 'bench', 'results');

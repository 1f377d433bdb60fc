import { ensure } from '../errors.ts';

/** A region of the network that is computed only in blocks where a mask says so. */
export interface MaskOptions {
  /** Names of the nodes of the region: they read one value from outside and give one. */
  nodes: readonly string[];
  /**
   * `[N, 1, H, W]` or `[N, H, W]` float32: the name of a tensor of the model, or an input that compile adds, `size` its height and width
   * (those of the region's output unless given). A whole factor may lie between the sizes of the mask and of the region's output.
   */
  mask: string | { input: string; size?: readonly number[] };
  /** Height and width of a block of the region's output. */
  block: number | readonly number[];
  /** A block is active if the mask over it lies above; 0.5 unless given. */
  threshold?: number;
  /** What of the mask over a block is compared; `max` unless given. */
  pool?: 'average' | 'max';
  /** Most active share of the blocks, 0 to 1, for which the region runs block by block; the cost model decides unless given. */
  limit?: number;
}

const KNOWN = ['nodes', 'mask', 'block', 'threshold', 'pool', 'limit'];
const LEAST_BLOCK = 4;
const MOST_BLOCK = 1024;

const isObject = (x: unknown): x is Record<string, unknown> => typeof x === 'object' && x !== null && !Array.isArray(x);
const isName = (x: unknown): boolean => typeof x === 'string' && x !== '';
const isSize = (x: unknown, least: number, most: number): boolean =>
  typeof x === 'number' && Number.isInteger(x) && x >= least && x <= most;
const isPair = (x: unknown, least: number, most: number): boolean =>
  Array.isArray(x) && x.length === 2 && x.every((v) => isSize(v, least, most));

/**
 * Checks the form of the option `masks`.
 * @param where head of the error messages
 * @throws ZeroskipError `INVALID_ARGUMENT`
 */
export function checkMasks(masks: unknown, where: string): asserts masks is readonly MaskOptions[] {
  const expect = (condition: boolean, message: () => string): void =>
    ensure(condition, 'INVALID_ARGUMENT', () => `${where}: ${message()}`);
  expect(Array.isArray(masks), () => `masks is a list, found ${masks}`);
  for (const [i, mask] of (masks as unknown[]).entries()) {
    const at = `masks[${i}]`;
    const show = (x: unknown): string => JSON.stringify(x) ?? String(x);
    ensure(isObject(mask), 'INVALID_ARGUMENT', () => `${where}: ${at} is an object, found ${mask}`);
    for (const key of Object.keys(mask))
      expect(KNOWN.includes(key), () => `${at}: unknown option '${key}'; the options are ${KNOWN.join(', ')}`);
    const { nodes, mask: source, block, threshold = 0, pool = 'max', limit = 0 } = mask;
    expect(
      Array.isArray(nodes) && nodes.length > 0 && nodes.every(isName),
      () => `${at}: nodes is a list of node names, found ${show(nodes)}`,
    );
    const fed =
      isObject(source) && isName(source.input) && Object.keys(source).every((k) => k === 'input' || k === 'size');
    expect(
      isName(source) || fed,
      () => `${at}: mask is the name of a tensor or { input, size }, found ${show(source)}`,
    );
    const { size = [1, 1] } = Object(source) as { size?: unknown };
    expect(isPair(size, 1, 2 ** 20), () => `${at}: size is the height and width of the mask, found ${show(size)}`);
    expect(
      isSize(block, LEAST_BLOCK, MOST_BLOCK) || isPair(block, LEAST_BLOCK, MOST_BLOCK),
      () => `${at}: block is one or two whole numbers from ${LEAST_BLOCK} to ${MOST_BLOCK}, found ${show(block)}`,
    );
    expect(
      typeof threshold === 'number' && Number.isFinite(threshold),
      () => `${at}: threshold is a number, found ${show(threshold)}`,
    );
    expect(pool === 'max' || pool === 'average', () => `${at}: pool is 'max' or 'average', found ${show(pool)}`);
    expect(
      typeof limit === 'number' && limit >= 0 && limit <= 1,
      () => `${at}: limit is a share from 0 to 1, found ${show(limit)}`,
    );
  }
}

import { ensure, ZeroskipError } from '../errors.ts';
import { didYouMean } from '../words.ts';

export type TargetName = 'latency' | 'bytes' | 'flops' | 'sparsity';

/**
 * A budget: `latency` in ns, `bytes` of the package, `flops` in multiplications, each an amount or a share of the dense network, or the
 * share of zero weights over the pruned layers (`sparsity`).
 */
export interface Target {
  name: TargetName;
  value: number;
  /** Whether `value` is a share of the dense network; always for `sparsity`, where it is one of the weights. */
  share: boolean;
}

const NAMES: readonly TargetName[] = ['latency', 'bytes', 'flops', 'sparsity'];

/** Nanoseconds, bytes and multiplications by unit. */
const UNITS: Readonly<Record<Exclude<TargetName, 'sparsity'>, Readonly<Record<string, number>>>> = {
  latency: { ns: 1, us: 1e3, µs: 1e3, ms: 1e6, s: 1e9 },
  bytes: { B: 1, '': 1, KB: 1e3, MB: 1e6, GB: 1e9, KiB: 2 ** 10, MiB: 2 ** 20, GiB: 2 ** 30 },
  flops: { '': 1, K: 1e3, M: 1e6, G: 1e9, T: 1e12 },
};

const EXAMPLES: Readonly<Record<TargetName, string>> = {
  latency: '5ms, 800us or 0.5x',
  bytes: '1.2MB, 300KB or 0.25x',
  flops: '0.3x, 30% or 40M',
  sparsity: '0.9 or 90%',
};

/**
 * A target from text such as `latency=5ms`, `bytes=1.2MB`, `flops=0.3x` or `sparsity=0.9`; `x` and `%` are shares of the dense network.
 *
 * @throws ZeroskipError `INVALID_ARGUMENT`
 */
export function parseTarget(text: string): Target {
  const at = text.indexOf('=');
  ensure(
    at > 0,
    'INVALID_ARGUMENT',
    () => `target: expected latency=5ms, bytes=1.2MB, flops=0.3x or sparsity=0.9, found '${text}'`,
  );
  return targetOf(text.slice(0, at).trim(), text.slice(at + 1));
}

/** The target `name` of a number or text. @throws ZeroskipError `INVALID_ARGUMENT` */
export function targetOf(name: string, amount: string | number): Target {
  ensure(
    NAMES.includes(name as TargetName),
    'INVALID_ARGUMENT',
    () => `target: expected ${NAMES.join(', ')}, found '${name}'${didYouMean(name, NAMES)}`,
  );
  const kind = name as TargetName;
  const [, digits, unit] = /^\s*(\d+\.?\d*(?:e[+-]?\d+)?|\.\d+)\s*([^\d\s]*)\s*$/i.exec(String(amount)) ?? [];
  const target = digits === undefined ? undefined : inUnit(kind, Number(digits), unit);
  if (target) return target;
  throw new ZeroskipError('INVALID_ARGUMENT', `target: ${name} is ${EXAMPLES[kind]}, found '${amount}'`);
}

function inUnit(name: TargetName, number: number, unit: string): Target | undefined {
  const fraction = unit === 'x' ? number : unit === '%' ? number / 100 : undefined;
  if (name === 'sparsity') {
    const value = unit === '' ? number : unit === '%' ? number / 100 : Number.NaN;
    return value >= 0 && value < 1 ? { name, value, share: true } : undefined;
  }
  if (fraction !== undefined) return fraction > 0 && fraction <= 1 ? { name, value: fraction, share: true } : undefined;
  const scale = Object.hasOwn(UNITS[name], unit) ? UNITS[name][unit] : undefined;
  return scale === undefined || number <= 0 ? undefined : { name, value: number * scale, share: false };
}

/** `5.00 ms`, `1.20 MB`, `40.0 M`, `90.0 %` */
export function showAmount(name: TargetName, value: number): string {
  if (name === 'sparsity') return `${(100 * value).toFixed(2)} %`;
  const steps: [number, string][] =
    name === 'latency'
      ? [
          [1e9, ' s'],
          [1e6, ' ms'],
          [1e3, ' us'],
          [1, ' ns'],
        ]
      : [
          [1e9, ' G'],
          [1e6, ' M'],
          [1e3, ' K'],
          [1, ' '],
        ];
  const [scale, unit] = steps.find(([step]) => value >= step) ?? steps[3];
  const text = `${(value / scale).toPrecision(4)}${unit}`;
  return name === 'bytes' ? `${text}B` : text.trimEnd();
}

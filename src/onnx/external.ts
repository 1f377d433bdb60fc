import type { TensorProto } from './schema.ts';
import { quote, type Source } from './source.ts';

/** True for a relative path with `/` that stays inside the folder of the model on every system. */
function isInside(location: string): boolean {
  if (location === '' || location.startsWith('/') || /[\\:\0]/.test(location)) return false;
  return location.split('/').every((part) => part !== '..');
}

/**
 * Bytes of a tensor that is kept in a file beside the model: `length` (unset: `needed`) bytes from `offset` (unset: 0) of `location`.
 *
 * @throws ZeroskipError `INVALID_MODEL` where the location leaves the folder of the model or the range leaves the file.
 */
export function externalBytes(source: Source, tensor: TensorProto, what: string, needed: number): Uint8Array {
  const entries = new Map(tensor.externalData.map(({ key, value }) => [key ?? '', value ?? '']));
  const location = entries.get('location') ?? '';
  source.expect(
    isInside(location),
    () => `${what}: external data lie in a file beside the model, found the location ${quote(location)}`,
  );
  const whole = (key: string, fallback: number): number => {
    const text = entries.get(key);
    if (text === undefined) return fallback;
    const n = /^\d{1,16}$/.test(text) ? Number(text) : Number.NaN;
    source.expect(Number.isSafeInteger(n), () => `${what}: ${key} of external data is a number, found ${quote(text)}`);
    return n;
  };
  const offset = whole('offset', 0);
  const length = whole('length', needed);
  const bytes = source.external(location.replace(/^(\.\/)+/, ''), what);
  source.expect(
    offset + length <= bytes.length,
    () => `${what}: bytes ${offset} to ${offset + length} of ${quote(location)}, which has ${bytes.length}`,
  );
  return bytes.subarray(offset, offset + length);
}

import { ensure } from '../../src/errors.ts';

export const BEGIN = '<!-- results -->';
export const END = '<!-- /results -->';

/**
 * `readme` with `section` between its markers.
 * @throws ZeroskipError `FILE_ERROR` unless each marker stands there once, in this order
 */
export function withSection(readme: string, section: string): string {
  const parts = readme.split(BEGIN);
  const rest = parts[1]?.split(END);
  ensure(
    parts.length === 2 && rest?.length === 2,
    'FILE_ERROR',
    `README.md needs one line '${BEGIN}' and one line '${END}' behind it`,
  );
  return `${parts[0]}${BEGIN}\n\n${section.trim()}\n\n${END}${rest[1]}`;
}

import * as COSTS from '../../src/ops/common/costs.ts';
import type { GroupFit } from './fit.ts';

type Constants = Readonly<Record<string, number>>;

/** Text of `costs.ts` with the constants of `fits` in place of those that it has. */
export function withConstants(text: string, fits: readonly GroupFit[]): string {
  const fitted = new Map(fits.map(({ group, fitted }) => [group, fitted]));
  return Object.entries(COSTS).reduce((result, [family, constants]) => {
    const declaration = new RegExp(`export const ${family} = \\{[^]*?\\n\\};`);
    return result.replace(declaration, `export const ${family} = ${literal(family, constants, fitted)};`);
  }, text);
}

function literal(family: string, constants: object, fitted: ReadonlyMap<string, Constants>): string {
  const lines = Object.entries(constants).map(([name, value]: [string, Constants]) => {
    const fields = Object.entries(fitted.get(`${family}.${name}`) ?? value).map(([term, ns]) => `${term}: ${ns}`);
    return `  ${name}: { ${fields.join(', ')} },`;
  });
  return `{\n${lines.join('\n')}\n}`;
}

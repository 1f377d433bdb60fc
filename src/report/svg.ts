type Attributes = Readonly<Record<string, string | number | undefined>>;

/** Characters that XML has no way to hold, halves of pairs, and what turns the direction of the text behind it. */
const UNFIT = /[^\t\n\P{Cc}]|\p{Cs}|[\ufffe\uffff\u202a-\u202e\u2066-\u2069]/gu;

export const escapeXml = (text: string): string =>
  text
    .replace(UNFIT, '\ufffd')
    .replace(/[&<>"]/g, (c) => ({ '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' })[c]!);

/** Coordinates to a tenth of a pixel. */
const show = (value: string | number): string =>
  typeof value === 'number' ? String(Math.round(value * 10) / 10) : escapeXml(value);

/** An element; `children` is markup, see {@link text} for words. */
export function element(name: string, attributes: Attributes, children: readonly string[] = []): string {
  const pairs = Object.entries(attributes).flatMap(([key, value]) =>
    value === undefined ? [] : ` ${key}="${show(value)}"`,
  );
  const open = `<${name}${pairs.join('')}`;
  return children.length === 0 ? `${open}/>` : `${open}>${children.join('')}</${name}>`;
}

export const text = (x: number, y: number, words: string, attributes: Attributes = {}): string =>
  element('text', { x, y, ...attributes }, [escapeXml(words)]);

/** A path through points. */
export const path = (points: readonly (readonly [number, number])[]): string =>
  points.map(([x, y], i) => `${i === 0 ? 'M' : 'L'}${show(x)} ${show(y)}`).join('');

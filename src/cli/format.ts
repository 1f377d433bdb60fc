export { bytes, count, duration, percent } from '../report/format.ts';

/** `text` without characters that would steer a terminal or turn its direction; line ends stay. */
export const printable = (text: string): string => text.replace(/[^\n\P{Cc}]|[\u202a-\u202e\u2066-\u2069]/gu, '\ufffd');

/** `text` in one line. */
export const inLine = (text: string): string => printable(text).replace(/\n/g, '\ufffd');

/** `3 layers`, `1 layer` */
export const plural = (n: number, noun: string): string => `${n} ${noun}${n === 1 ? '' : 's'}`;

/** At most `width` characters, the middle left out; the end, which tells nodes apart, keeps more. */
export function shorten(text: string, width: number): string {
  const characters = [...text];
  if (characters.length <= width) return text;
  const left = Math.floor((width - 1) / 3);
  const right = width - 1 - left;
  return `${characters.slice(0, left).join('')}…${characters.slice(characters.length - right).join('')}`;
}

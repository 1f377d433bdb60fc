/** Names of the elements if `xml` is well-formed; throws otherwise. */
export function elementsOf(xml: string): string[] {
  const names: string[] = [];
  const open: string[] = [];
  const must = (fine: boolean, what: string) => {
    if (!fine) throw new Error(`not well-formed: ${what}`);
  };
  for (const [, words, tag] of xml.matchAll(/([^<]*)(<[^>]*>)?/g)) {
    must(!/&(?!(amp|lt|gt|quot);)|>/.test(words), words);
    if (tag === undefined) continue;
    const [, close, name, attributes, empty] = /^<(\/?)([\w:]+)(.*?)(\/?)>$/s.exec(tag) ?? [];
    must(name !== undefined && /^(\s+[\w:-]+="[^"<]*")*\s*$/.test(attributes), tag);
    if (close) must(open.pop() === name, tag);
    else {
      names.push(name);
      if (!empty) open.push(name);
    }
  }
  must(open.length === 0, `${open} left open`);
  return names;
}

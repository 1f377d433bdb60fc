import type { Attr } from '../graph/ir.ts';
import { ATTRIBUTE_TYPE, type AttributeProto, type NodeProto } from './schema.ts';
import { quote, type Source } from './source.ts';
import { denseOf } from './sparse.ts';
import { tensorOf } from './tensors.ts';

const T = ATTRIBUTE_TYPE;

/** Type of an attribute; the earliest files leave it to the field that is set. */
function typeOf(a: AttributeProto): number {
  if (a.type) return a.type;
  if (a.f !== undefined) return T.FLOAT;
  if (a.i !== undefined) return T.INT;
  if (a.s !== undefined) return T.STRING;
  if (a.t) return T.TENSOR;
  if (a.sparseTensor) return T.SPARSE_TENSOR;
  if (a.floats.length) return T.FLOATS;
  if (a.ints.length) return T.INTS;
  if (a.strings.length) return T.STRINGS;
  return a.g || a.graphs.length ? T.GRAPH : T.INTS;
}

/** Value of an attribute; undefined for lists of tensors and subgraphs: those of an If are gone by now, no other supported op has any. */
function attrOf(source: Source, a: AttributeProto, what: string): Attr | undefined {
  switch (typeOf(a)) {
    case T.FLOAT:
      return a.f ?? 0;
    case T.INT:
      return a.i ?? 0;
    case T.STRING:
      return a.s ?? '';
    case T.TENSOR:
      return a.t ? tensorOf(source, a.t, what) : source.fail(`${what} has no tensor`);
    case T.SPARSE_TENSOR:
      return a.sparseTensor ? denseOf(source, a.sparseTensor, what) : source.fail(`${what} has no tensor`);
    case T.FLOATS:
      return a.floats;
    case T.INTS:
      return a.ints;
    case T.STRINGS:
      return a.strings;
    default:
      return undefined;
  }
}

/** Attributes of a node, or the name of the first one of a kind that is not supported. */
export function attributesOf(source: Source, node: NodeProto, what: string): Record<string, Attr> | string {
  const attrs = Object.create(null) as Record<string, Attr>;
  for (const attribute of node.attribute) {
    const name = attribute.name ?? '';
    source.expect(!attribute.refAttrName, () => `${what} refers to an attribute of a function outside of a function`);
    source.expect(!(name in attrs), () => `${what} has the attribute ${quote(name)} twice`);
    const value = attrOf(source, attribute, `attribute ${quote(name)} of ${what}`);
    if (value === undefined) return name;
    attrs[name] = value;
  }
  return attrs;
}

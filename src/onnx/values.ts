import type { Value } from '../graph/ir.ts';
import type { Dim, Tensor } from '../tensor.ts';
import { elementName, typeOfCode } from './elements.ts';
import type { GraphProto, ValueInfoProto } from './schema.ts';
import { quote, type Source } from './source.ts';
import { denseOf } from './sparse.ts';
import { tensorOf } from './tensors.ts';

export const constantValue = (name: string, constant: Tensor): Value => ({
  name,
  type: constant.type,
  dims: constant.dims,
  constant,
});

/** Adds a value; a name stands for one value. */
export function define(source: Source, values: Map<string, Value>, value: Value, what: string): void {
  source.expect(value.name !== '', () => `${what} has no name`);
  source.expect(!values.has(value.name), () => `the value ${quote(value.name)} is defined twice`);
  values.set(value.name, value);
}

/** Constants of a graph's initializers, dense and sparse. */
export function defineInitializers(source: Source, graph: GraphProto, values: Map<string, Value>): void {
  for (const tensor of graph.initializer) {
    const name = tensor.name ?? '';
    const what = `initializer ${quote(name)}`;
    define(source, values, constantValue(name, tensorOf(source, tensor, what)), what);
  }
  for (const sparse of graph.sparseInitializer) {
    const name = sparse.values?.name ?? '';
    const what = `sparse initializer ${quote(name)}`;
    define(source, values, constantValue(name, denseOf(source, sparse, what)), what);
  }
}

/** Names for dims that the model leaves open, `<value>_dim<i>`, different from the names it gives itself. */
export class DimNames {
  private readonly taken: Set<string>;

  constructor(infos: readonly ValueInfoProto[]) {
    const dims = infos.flatMap(({ type }) => type?.tensorType?.shape?.dim ?? []);
    this.taken = new Set(dims.map((d) => d.dimParam ?? ''));
  }

  make(value: string, axis: number): string {
    let name = `${value}_dim${axis}`;
    while (this.taken.has(name)) name += '_';
    this.taken.add(name);
    return name;
  }
}

/**
 * Type and dims of a graph input or output. Dims are undefined where not even the rank is declared.
 *
 * @throws ZeroskipError `UNSUPPORTED_OP` on sequences, maps and element types that no tensor has.
 */
export function declared(source: Source, info: ValueInfoProto, names: DimNames, what: string): Value {
  const name = info.name ?? '';
  const tensor =
    info.type?.tensorType ??
    (info.type ? source.unsupported(`${what} is not a tensor`) : source.fail(`${what} has no type`));
  const type =
    typeOfCode(tensor.elemType) ??
    source.unsupported(`${what} has elements of type ${elementName(tensor.elemType)}, which are not supported`);
  const dims = tensor.shape?.dim.map((dim, axis): Dim => {
    if (dim.dimParam) return dim.dimParam;
    const size = dim.dimValue ?? -1;
    source.expect(size <= Number.MAX_SAFE_INTEGER, () => `${what} has an impossible dimension ${size}`);
    return size >= 0 ? size : names.make(name, axis);
  });
  source.expect((dims?.length ?? 0) <= 64, () => `${what} has ${dims?.length} dimensions`);
  return dims ? { name, type, dims } : { name, type };
}

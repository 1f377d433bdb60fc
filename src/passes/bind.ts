import { ensure, ZeroskipError } from '../errors.ts';
import { Editor } from '../graph/edit.ts';
import type { Graph } from '../graph/ir.ts';
import { type Dim, showDims, Tensor } from '../tensor.ts';
import type { Pass, PassContext } from './pass.ts';

/** Symbol -> the number it is bound to and the input that bound it. */
type Bindings = Map<string, { size: number; input: string }>;

/**
 * Gives every graph input numbers for dims, from `shapes` and `values`; a symbolic first dimension (the batch) that nobody binds is 1.
 * Inputs named in `values` become constants.
 *
 * @throws ZeroskipError `SHAPE_MISMATCH` for a name that is no input, another rank, a contradiction of fixed dims or between two
 *   inputs, and for unbound dimensions (all of them in one message); `TYPE_MISMATCH` for a value of another type.
 */
export const bind: Pass = {
  name: 'bind',
  run(graph, context) {
    const edit = new Editor(graph);
    const bindings: Bindings = new Map();
    const given = givenDims(graph, context);
    for (const [name, dims] of given) bindInput(graph, name, dims, bindings);

    const unbound: string[] = [];
    const notes: string[] = [];
    for (const name of graph.inputs) {
      const declared = graph.values.get(name)!.dims;
      const first = declared?.[0];
      if (given.has(name) || typeof first !== 'string' || first === '' || bindings.has(first)) continue;
      bindings.set(first, { size: 1, input: name });
      notes.push(`'${first}' (input '${name}') = 1`);
    }
    for (const name of graph.inputs) {
      const dims = given.get(name) ?? resolve(name, graph.values.get(name)!.dims, bindings, unbound);
      if (dims) edit.setValue(name, { dims });
    }
    ensure(
      unbound.length === 0,
      'SHAPE_MISMATCH',
      () => `these dimensions have to be bound through 'shapes': ${unbound.join(', ')}`,
    );
    for (const [name, constant] of Object.entries(context.values)) {
      edit.setValue(name, { constant });
      notes.push(`input '${name}' is fixed`);
    }
    return notes;
  },
};

/** Dims that `shapes` and `values` ask for, by input. */
function givenDims(graph: Graph, context: PassContext): Map<string, readonly number[]> {
  const given = new Map<string, readonly number[]>();
  const known = (option: string, name: string): void =>
    ensure(
      graph.inputs.includes(name),
      'SHAPE_MISMATCH',
      () => `${option}: the model has no input '${name}'; its inputs are ${graph.inputs.join(', ') || '(none)'}`,
    );
  for (const [name, dims] of Object.entries(context.shapes)) {
    known('shapes', name);
    const bad = !Array.isArray(dims) || dims.some((d) => !Number.isSafeInteger(d) || d < 1);
    ensure(!bad, 'SHAPE_MISMATCH', () => `shapes: '${name}' needs a list of whole numbers >= 1, found ${dims}`);
    given.set(name, [...dims]);
  }
  for (const [name, tensor] of Object.entries(context.values)) {
    known('values', name);
    const { type } = graph.values.get(name)!;
    ensure(tensor instanceof Tensor, 'TYPE_MISMATCH', () => `values: input '${name}' is a Tensor, found ${tensor}`);
    ensure(
      tensor.type === type,
      'TYPE_MISMATCH',
      () => `values: input '${name}' has type ${type}, found ${tensor.type}`,
    );
    const shape = given.get(name);
    ensure(
      !shape || showDims(shape) === showDims(tensor.dims),
      'SHAPE_MISMATCH',
      () => `values: '${name}' has dims ${showDims(tensor.dims)}, 'shapes' says ${showDims(shape ?? [])}`,
    );
    given.set(name, tensor.dims);
  }
  return given;
}

/** Checks given dims against the declared ones and binds the symbols among them. */
function bindInput(graph: Graph, name: string, dims: readonly number[], bindings: Bindings): void {
  const declared = graph.values.get(name)!.dims;
  if (!declared) return;
  const mismatch = (): never => {
    throw new ZeroskipError(
      'SHAPE_MISMATCH',
      `input '${name}' is declared ${showDims(declared)}, asked for ${showDims(dims)}`,
    );
  };
  if (declared.length !== dims.length) mismatch();
  declared.forEach((d, i) => {
    if (typeof d === 'number' && d !== dims[i]) mismatch();
    if (typeof d === 'number' || d === '') return;
    const bound = bindings.get(d);
    ensure(
      !bound || bound.size === dims[i],
      'SHAPE_MISMATCH',
      () => `dimension '${d}' is ${bound?.size} in input '${bound?.input}' and ${dims[i]} in input '${name}'`,
    );
    bindings.set(d, { size: dims[i], input: name });
  });
}

/** Declared dims with their symbols replaced; unbound ones are appended to `unbound`. */
function resolve(
  name: string,
  declared: readonly Dim[] | undefined,
  bindings: Bindings,
  unbound: string[],
): number[] | undefined {
  if (!declared) {
    unbound.push(`the shape of input '${name}'`);
    return undefined;
  }
  return declared.map((d, i) => {
    if (typeof d === 'number') return d;
    const bound = bindings.get(d);
    if (bound) return bound.size;
    if (d === '' && i === 0) return 1;
    unbound.push(d === '' ? `axis ${i} of input '${name}'` : `'${d}' (axis ${i} of input '${name}')`);
    return 0;
  });
}

import { BinaryReader, BinaryWriter, WireType } from '@bufbuild/protobuf/wire';

const INT64_MAX = 2n ** 63n - 1n;
const INT64_MIN = -(2n ** 63n);

/** A number as int64: what a double cannot tell apart from the ends of the range becomes the end. */
function toInt64(n: number): bigint {
  const big = BigInt(n);
  if (big > INT64_MAX) return INT64_MAX;
  return big < INT64_MIN ? INT64_MIN : big;
}

interface Codec<T> {
  wire: WireType;
  read(reader: BinaryReader): T;
  write(writer: BinaryWriter, value: T): unknown;
}

const codec = <T>(wire: WireType, read: Codec<T>['read'], write: Codec<T>['write']): Codec<T> => ({
  wire,
  read,
  write,
});

const SCALARS = {
  int32: codec<number>(
    WireType.Varint,
    (r) => r.int32(),
    (w, v) => w.int32(v),
  ),
  /** int64 as a number: exact up to 2^53. */
  int64: codec<number>(
    WireType.Varint,
    (r) => Number(r.int64()),
    (w, v) => w.int64(toInt64(v)),
  ),
  bigint: codec<bigint>(
    WireType.Varint,
    (r) => BigInt(r.int64()),
    (w, v) => w.int64(v),
  ),
  unsigned: codec<bigint>(
    WireType.Varint,
    (r) => BigInt(r.uint64()),
    (w, v) => w.uint64(v),
  ),
  float: codec<number>(
    WireType.Bit32,
    (r) => r.float(),
    (w, v) => w.float(Math.fround(v)),
  ),
  double: codec<number>(
    WireType.Bit64,
    (r) => r.double(),
    (w, v) => w.double(v),
  ),
  string: codec<string>(
    WireType.LengthDelimited,
    (r) => r.string(),
    (w, v) => w.string(v),
  ),
  bytes: codec<Uint8Array>(
    WireType.LengthDelimited,
    (r) => r.bytes(),
    (w, v) => w.bytes(v),
  ),
};

type Scalars = typeof SCALARS;
type ScalarKind = keyof Scalars;
type ScalarType<K extends ScalarKind> = Scalars[K] extends Codec<infer T> ? T : never;

/** One field of a message; `type` exists for the type checker only. */
export interface Field<T> {
  number: number;
  kind: ScalarKind | Message<Fields>;
  repeated: boolean;
  type?: T;
}

type Fields = Record<string, Field<unknown>>;

/** A protobuf message by its fields. */
export interface Message<F extends Fields> {
  fields: F;
  byNumber: ReadonlyMap<number, [name: string, field: Field<unknown>]>;
}

type FieldType<T> = T extends Field<infer V> ? V : never;

/** What {@link decode} returns: absent single fields are undefined, absent repeated ones empty. */
export type Decoded<M> = M extends Message<infer F> ? { [K in keyof F]: FieldType<F[K]> } : never;

type Partially<T> = T extends Uint8Array
  ? T
  : T extends (infer V)[]
    ? readonly Partially<V>[]
    : T extends object
      ? { readonly [K in keyof T]?: Partially<T[K]> }
      : T;

/** What {@link encode} takes: any subset of the fields. */
export type Encodable<M> = Partially<Decoded<M>>;

/** Declares a message. */
export function message<F extends Fields>(fields: F): Message<F> {
  return { fields, byNumber: new Map(Object.entries(fields).map(([name, field]) => [field.number, [name, field]])) };
}

export const one = <K extends ScalarKind>(number: number, kind: K): Field<ScalarType<K> | undefined> => ({
  number,
  kind,
  repeated: false,
});

export const many = <K extends ScalarKind>(number: number, kind: K): Field<ScalarType<K>[]> => ({
  number,
  kind,
  repeated: true,
});

export const child = <F extends Fields>(number: number, kind: Message<F>): Field<Decoded<Message<F>> | undefined> => ({
  number,
  kind: kind as Message<Fields>,
  repeated: false,
});

export const children = <F extends Fields>(number: number, kind: Message<F>): Field<Decoded<Message<F>>[]> => ({
  number,
  kind: kind as Message<Fields>,
  repeated: true,
});

function readScalars(reader: BinaryReader, wire: WireType, scalar: Codec<unknown>, into: unknown[]): void {
  if (wire === scalar.wire) {
    into.push(scalar.read(reader));
    return;
  }
  const packed = new BinaryReader(reader.bytes());
  while (packed.pos < packed.len) into.push(scalar.read(packed));
}

/**
 * Reads a message. `bytes` fields are views of the input, not copies; unknown fields are skipped. What it allocates is bounded by
 * the length of the input, its depth by that of the declared messages.
 *
 * @throws Error of the protobuf reader on truncated or malformed input.
 */
export function decode<F extends Fields>(type: Message<F>, bytes: Uint8Array): Decoded<Message<F>> {
  const out: Record<string, unknown> = {};
  for (const name of Object.keys(type.fields)) out[name] = type.fields[name].repeated ? [] : undefined;
  const reader = new BinaryReader(bytes);
  while (reader.pos < reader.len) {
    const [number, wire] = reader.tag();
    const known = type.byNumber.get(number);
    if (!known) {
      reader.skip(wire, number);
      continue;
    }
    const [name, { kind, repeated }] = known;
    const scalar = typeof kind === 'string' ? (SCALARS[kind] as Codec<unknown>) : undefined;
    const packed = repeated && scalar && wire === WireType.LengthDelimited;
    if (wire !== (scalar?.wire ?? WireType.LengthDelimited) && !packed) throw new Error(`wire type ${wire} of ${name}`);
    if (repeated && scalar) readScalars(reader, wire, scalar, out[name] as unknown[]);
    else if (scalar) out[name] = scalar.read(reader);
    else {
      const inner = decode(kind as Message<Fields>, reader.bytes());
      if (repeated) (out[name] as unknown[]).push(inner);
      else out[name] = inner;
    }
  }
  return out as Decoded<Message<F>>;
}

/** A message in pieces, so that large fields are copied once only, into the file. */
class Pieces {
  readonly list: Uint8Array[] = [];
  bytes = 0;

  add(piece: Uint8Array): void {
    this.list.push(piece);
    this.bytes += piece.length;
  }

  join(): Uint8Array {
    const out = new Uint8Array(this.bytes);
    let at = 0;
    for (const piece of this.list) {
      out.set(piece, at);
      at += piece.length;
    }
    return out;
  }
}

/** Adds the pieces of a message; what is neither bytes nor a message is gathered by `writer`. */
function write(pieces: Pieces, type: Message<Fields>, value: Record<string, unknown>): void {
  const writer = new BinaryWriter();
  for (const [name, { number, kind, repeated }] of Object.entries(type.fields)) {
    if (value[name] === undefined) continue;
    const items = (repeated ? value[name] : [value[name]]) as readonly unknown[];
    const scalar = typeof kind === 'string' ? (SCALARS[kind] as Codec<unknown>) : undefined;
    if (repeated && scalar && scalar.wire !== WireType.LengthDelimited) {
      if (items.length === 0) continue;
      writer.tag(number, WireType.LengthDelimited).fork();
      for (const item of items) scalar.write(writer, item);
      writer.join();
      continue;
    }
    for (const item of items) {
      writer.tag(number, scalar?.wire ?? WireType.LengthDelimited);
      if (scalar && kind !== 'bytes') {
        scalar.write(writer, item);
        continue;
      }
      const inner = new Pieces();
      if (kind === 'bytes') inner.add(item as Uint8Array);
      else write(inner, kind as Message<Fields>, item as Record<string, unknown>);
      pieces.add(writer.uint32(inner.bytes).finish());
      for (const piece of inner.list) pieces.add(piece);
    }
  }
  pieces.add(writer.finish());
}

/** Writes a message; undefined fields are left out, repeated numbers packed. */
export function encode<F extends Fields>(type: Message<F>, value: Encodable<Message<F>>): Uint8Array {
  const pieces = new Pieces();
  write(pieces, type as Message<Fields>, value as Record<string, unknown>);
  return pieces.join();
}

import type { SampleData } from '../calibrate/samples.ts';
import type { Graph } from '../graph/ir.ts';
import { type Tensor, tensorBytes } from '../tensor.ts';

/**
 * Keeps finished measurements, so that a run that was interrupted goes on from there. `open` is given a fingerprint of everything that
 * measurements depend on; what was stored under another one must not be returned.
 */
export interface Work {
  open(fingerprint: string): Promise<WorkSession> | WorkSession;
}

export interface WorkSession {
  get(key: string): number[] | undefined;
  set(key: string, values: readonly number[]): void;
}

/** Keeps measurements as long as the object lives. */
export function memoryWork(): Work {
  const sessions = new Map<string, Map<string, readonly number[]>>();
  return {
    open(fingerprint) {
      const values = sessions.get(fingerprint) ?? new Map<string, readonly number[]>();
      sessions.set(fingerprint, values);
      return {
        get: (key) => values.get(key)?.slice(),
        set: (key, numbers) => {
          values.set(key, [...numbers]);
        },
      };
    },
  };
}

/** The stored numbers under `key`, or those that `make` gives, which are stored. */
export async function remember(
  session: WorkSession,
  key: string,
  count: number,
  make: () => Promise<number[]> | number[],
): Promise<number[]> {
  const stored = session.get(key);
  if (stored?.length === count && stored.every(Number.isFinite)) return stored;
  const made = await make();
  session.set(key, made);
  return made;
}

const SEEDS = [0x811c9dc5, 0x9e3779b9];
const MULTIPLIERS = [0x85ebca6b, 0xc2b2ae35];

/** A hash of 64 bits, of words and texts. */
class Hash {
  private readonly state = Uint32Array.from(SEEDS);

  private word(x: number): void {
    const { state } = this;
    for (let lane = 0; lane < 2; lane++) {
      const mixed = Math.imul(state[lane] ^ x, MULTIPLIERS[lane]);
      state[lane] = ((mixed << 13) | (mixed >>> 19)) + lane + 1;
    }
  }

  bytes(bytes: Uint8Array): this {
    const whole = bytes.byteLength & ~3;
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    for (let i = 0; i < whole; i += 4) this.word(view.getUint32(i, true));
    for (let i = whole; i < bytes.byteLength; i++) this.word(bytes[i]);
    this.word(bytes.byteLength);
    return this;
  }

  text(text: string): this {
    return this.bytes(new TextEncoder().encode(text));
  }

  tensor(tensor: Tensor): this {
    return this.text(`${tensor.type} ${tensor.dims}`).bytes(tensorBytes(tensor));
  }

  toString(): string {
    return [...this.state].map((x) => x.toString(16).padStart(8, '0')).join('');
  }
}

/** A hash of a network, its data and the options that measurements depend on. */
export function fingerprintOf(graph: Graph, data: SampleData | undefined, options: unknown): string {
  const hash = new Hash().text(JSON.stringify(options ?? null));
  hash.text(JSON.stringify([graph.inputs, graph.outputs]));
  for (const { name, op, inputs, outputs, attrs } of graph.nodes) {
    const plain = Object.entries(attrs).map(([key, attr]) =>
      typeof attr === 'object' && 'data' in attr ? [key, String(new Hash().tensor(attr as Tensor))] : [key, attr],
    );
    hash.text(JSON.stringify([name, op, inputs, outputs, plain]));
  }
  for (const { name, constant, dims } of graph.values.values()) {
    hash.text(JSON.stringify([name, dims ?? null]));
    if (constant) hash.tensor(constant);
  }
  for (const group of Array.isArray(data) ? data : data ? [data] : [])
    for (const [name, tensor] of Object.entries(group as Record<string, Tensor>)) hash.text(name).tensor(tensor);
  return hash.toString();
}

import type { BenchNet } from '../nets/index.ts';

export type RuntimeName =
  | 'zeroskip'
  | 'zeroskip-dense'
  | 'ort-web'
  | 'ort-node'
  | 'tfjs-wasm'
  | 'litert'
  | 'litert-sparse';

/** What some runtimes need of a network, which may be any. */
export type OpenedNet = Pick<BenchNet, 'input' | 'output' | 'graph' | 'onnx' | 'data'>;

/** One way to run a network, at its best settings for one thread. */
export interface Runtime<Net = BenchNet> {
  name: RuntimeName;
  label: string;
  version(): string;
  /** Why it cannot run `net`; undefined if it can. */
  unsupported(net: BenchNet): string | undefined;
  /** Loads `net` and puts its input where the runtime keeps inputs. One call at a time. */
  open(net: Net): Promise<Session>;
}

/** A loaded network and its input. */
export interface Session {
  /** One inference, until its output can be read in JavaScript. */
  run(): void | Promise<void>;
  /** Output of the last run in ONNX's order of elements. */
  output(): Float32Array;
  /** Size of the model file. */
  bytes: number;
  dispose(): void;
  /** What a reader of the numbers should know. */
  notes?: string[];
}

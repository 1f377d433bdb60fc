import type { InferenceSession, InferenceSessionHandler } from 'onnxruntime-common';
import { ZeroskipError } from '../errors.ts';

type Feeds = Parameters<InferenceSessionHandler['run']>[0];
type Fetches = Parameters<InferenceSessionHandler['run']>[1];
type Results = Awaited<ReturnType<InferenceSessionHandler['run']>>;

/** Makes a session of onnxruntime for the same model. */
export type Reopen = () => Promise<InferenceSession>;

const isUnsupported = (error: unknown): boolean => error instanceof ZeroskipError && error.code === 'UNSUPPORTED_OP';

/**
 * The handler that `open` makes, or one that passes everything on to `reopen`'s session, from the moment on that zeroskip turns out to have no
 * kernel for a node of the model: when it is opened, or when its first run compiles it.
 */
export async function withFallback(
  open: () => Promise<InferenceSessionHandler>,
  reopen: Reopen,
): Promise<InferenceSessionHandler> {
  try {
    return new FallbackHandler(await open(), reopen);
  } catch (error) {
    if (!isUnsupported(error)) throw error;
    return new OtherHandler(await reopen());
  }
}

class FallbackHandler implements InferenceSessionHandler {
  private current: InferenceSessionHandler;
  /** Undefined after the first run that went well: it holds a copy of the model. */
  private reopen: Reopen | undefined;
  private other: Promise<InferenceSessionHandler> | undefined;
  private released = false;

  constructor(own: InferenceSessionHandler, reopen: Reopen) {
    this.current = own;
    this.reopen = reopen;
  }

  get inputNames(): readonly string[] {
    return this.current.inputNames;
  }

  get outputNames(): readonly string[] {
    return this.current.outputNames;
  }

  get inputMetadata(): readonly InferenceSession.ValueMetadata[] {
    return this.current.inputMetadata;
  }

  get outputMetadata(): readonly InferenceSession.ValueMetadata[] {
    return this.current.outputMetadata;
  }

  async run(feeds: Feeds, fetches: Fetches, options: InferenceSession.RunOptions): Promise<Results> {
    try {
      const results = await this.current.run(feeds, fetches, options);
      this.reopen = undefined;
      return results;
    } catch (error) {
      if (!this.other && isUnsupported(error) && this.reopen) this.other = this.change(this.reopen);
      if (!this.other) throw error;
    }
    return (await this.other).run(feeds, fetches, options);
  }

  dispose(): Promise<void> {
    this.released = true;
    return this.current.dispose();
  }

  startProfiling(): void {
    this.current.startProfiling();
  }

  endProfiling(): void {
    this.current.endProfiling();
  }

  private async change(reopen: Reopen): Promise<InferenceSessionHandler> {
    const other = new OtherHandler(await reopen());
    await this.current.dispose();
    this.current = other;
    if (this.released) await other.dispose();
    return other;
  }
}

/** Passes everything on to a session. */
class OtherHandler implements InferenceSessionHandler {
  readonly inputNames: readonly string[];
  readonly outputNames: readonly string[];
  readonly inputMetadata: readonly InferenceSession.ValueMetadata[];
  readonly outputMetadata: readonly InferenceSession.ValueMetadata[];
  private readonly session: InferenceSession;

  constructor(session: InferenceSession) {
    this.session = session;
    this.inputNames = session.inputNames;
    this.outputNames = session.outputNames;
    this.inputMetadata = session.inputMetadata;
    this.outputMetadata = session.outputMetadata;
  }

  run(feeds: Feeds, fetches: Fetches, options: InferenceSession.RunOptions): Promise<Results> {
    return this.session.run(feeds, fetches, options);
  }

  dispose(): Promise<void> {
    return this.session.release();
  }

  startProfiling(): void {
    this.session.startProfiling();
  }

  endProfiling(): void {
    this.session.endProfiling();
  }
}

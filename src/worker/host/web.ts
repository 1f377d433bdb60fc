/** The worker's end of the channel to the page. */
export const port = {
  post: (message: unknown, transfer: ArrayBuffer[]): void => globalThis.postMessage(message, { transfer }),
  listen: (handle: (message: unknown) => void): void =>
    globalThis.addEventListener('message', ({ data }: MessageEvent) => handle(data)),
};

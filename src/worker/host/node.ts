import { parentPort } from 'node:worker_threads';

/** The worker's end of the channel to the thread that started it. */
export const port = {
  post: (message: unknown, transfer: ArrayBuffer[]): void => parentPort?.postMessage(message, transfer),
  listen: (handle: (message: unknown) => void): void => {
    parentPort?.on('message', handle);
  },
};

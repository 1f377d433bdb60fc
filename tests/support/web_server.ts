import { readFileSync, statSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join, normalize } from 'node:path';

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json',
  '.wasm': 'application/wasm',
};

/** Answers one request itself. */
export type Route = (request: IncomingMessage, response: ServerResponse) => void;

/** Files of a folder over HTTP, on this machine only. */
export interface WebServer {
  port: number;
  /** With a slash at its end. */
  url: string;
  /** Paths that were asked for, in order. */
  requests: string[];
  /** Contents of the files that were sent, by path. */
  sent: Map<string, Uint8Array>;
  /** Paths that are answered otherwise. */
  routes: Map<string, Route>;
  close(): Promise<void>;
}

/** Serves `folder` with `headers` on everything; browsers are told to keep nothing. */
export async function serve(folder: string, headers: Readonly<Record<string, string>> = {}): Promise<WebServer> {
  const requests: string[] = [];
  const sent = new Map<string, Uint8Array>();
  const routes = new Map<string, Route>();
  const server = createServer((request, response) => {
    const path = normalize(decodeURIComponent(new URL(request.url ?? '/', 'http://localhost').pathname));
    requests.push(path);
    for (const [name, value] of Object.entries({ 'cache-control': 'no-store', ...headers }))
      response.setHeader(name, value);
    const route = routes.get(path);
    if (route) return route(request, response);
    const file = join(folder, path.endsWith('/') ? `${path}index.html` : path);
    if (!statSync(file, { throwIfNoEntry: false })?.isFile()) return response.writeHead(404).end();
    const body = readFileSync(file);
    sent.set(path, body);
    response.writeHead(200, { 'content-type': TYPES[extname(file)] ?? 'application/octet-stream' }).end(body);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const close = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  return { port, url: `http://127.0.0.1:${port}/`, requests, sent, routes, close };
}

import { load, Tensor } from './zeroskip/web/zeroskip.js';

// A new name makes browsers fetch everything again.
const CACHE = 'digits-1';
const WASM = 'zeroskip/wasm/zeroskip.simd.wasm';
const FILES = ['./', 'main.js', 'digit.bin', 'model.zsk', WASM];

addEventListener('install', (event) => {
  event.waitUntil(caches.open(CACHE).then((cache) => cache.addAll(FILES)));
  skipWaiting();
});

addEventListener('activate', (event) => {
  event.waitUntil(
    caches
      .keys()
      .then((names) => Promise.all(names.filter((name) => name !== CACHE).map((name) => caches.delete(name)))),
  );
  event.waitUntil(clients.claim());
});

addEventListener('fetch', (event) => {
  const { request } = event;
  if (request.method === 'POST' && request.url.endsWith('/classify')) event.respondWith(classify(request));
  else event.respondWith(caches.match(request).then((found) => found ?? fetch(request)));
});

// Browsers end an idle service worker at any time and start it again: the model is loaded when it is asked for.
let model;

async function start() {
  const cache = await caches.open(CACHE);
  const [pkg, wasm] = await Promise.all([cache.match('model.zsk'), cache.match(WASM)]);
  return load(pkg, { module: await WebAssembly.compileStreaming(wasm) });
}

async function classify(request) {
  const pixels = new Uint8Array(await request.arrayBuffer());
  try {
    model ??= start();
    const loaded = await model;
    const input = new Tensor(
      'float32',
      Float32Array.from(pixels, (p) => (p / 255 - 0.1307) / 0.3081),
      [1, 1, 28, 28],
    );
    const { logits } = await loaded.run({ input });
    const scores = [...logits.data];
    return Response.json({ digit: scores.indexOf(Math.max(...scores)), logits: scores, variant: loaded.variant });
  } catch (error) {
    model = undefined;
    return Response.json({ error: error.message }, { status: 500 });
  }
}

import { readdirSync } from 'node:fs';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { cacheFolder } from '../../bench/lib/folders.ts';
import { nodeRelease, reasonIn } from '../../bench/lib/node_release.ts';
import { raises } from '../support/raises.ts';

/** A version that nobody has installed, so that npm is asked. */
const MAJOR = 98;

const registry = process.env.npm_config_registry;

/** Nothing listens there. */
const NOBODY = 'http://127.0.0.1:9/';

test.before(() => {
  process.env.npm_config_registry = NOBODY;
});
test.after(() => {
  if (registry === undefined) delete process.env.npm_config_registry;
  else process.env.npm_config_registry = registry;
});

const leftovers = () => readdirSync(cacheFolder()).filter((name) => name.startsWith(`node-${MAJOR}`));

test('without a registry the reason is told, and nothing is left behind', () => {
  raises(() => nodeRelease(MAJOR), 'FILE_ERROR', /npm cannot install node-[\w-]+@98: .*127\.0\.0\.1:9/);
  assert.equal(leftovers(), []);
});

test('npm is given so much time and no more', () => {
  raises(() => nodeRelease(MAJOR, { patience: 50 }), 'FILE_ERROR', /it took more than 0\.05 s/);
  assert.equal(leftovers(), []);
});

test('of what npm prints the reason is told', () => {
  const offline = [
    'npm error code ENOTFOUND',
    'npm error errno ENOTFOUND',
    'npm error network request to x failed',
    '',
  ];
  assert.is(reasonIn(offline.join('\n')), 'request to x failed');
  const unknown = ['npm warn x', 'npm ERR! code E404', 'npm ERR! 404 Not Found - GET y', 'npm ERR! A complete log'];
  assert.is(reasonIn(unknown.join('\n')), '404 Not Found - GET y');
  assert.is(reasonIn('npm error A complete log of this run'), undefined);
});

test.run();

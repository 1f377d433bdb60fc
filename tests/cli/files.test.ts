import { existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { expectFolder, fileName, outputPath, writeFiles, writeFolder } from '../../src/cli/files.ts';
import { unpack } from '../../src/host/node.ts';
import { scratch } from '../support/cli.ts';
import { raises } from '../support/raises.ts';

test('file names: bytes outside [A-Za-z0-9._-] and a leading dot are percent-encoded', () => {
  const cases: Record<string, string> = {
    logits: 'logits',
    'a.b_c-D9': 'a.b_c-D9',
    '.': '%2E',
    '..': '%2E.',
    '.hidden': '%2Ehidden',
    '../../etc/passwd': '%2E.%2F..%2Fetc%2Fpasswd',
    'C:\\x': 'C%3A%5Cx',
    'a b%20\0\n': 'a%20b%2520%00%0A',
    'é/日': '%C3%A9%2F%E6%97%A5',
  };
  for (const [name, file] of Object.entries(cases)) assert.is(fileName(name), file);
});

test('file names can be decoded, are distinct, and stay in their folder', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (name) => {
      const file = fileName(name);
      assert.match(file, /^([A-Za-z0-9_-]|%[0-9A-F]{2}|(?<!^)\.)*$/);
      assert.is(decodeURIComponent(file), name);
    }),
  );
});

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

test('files replace older ones, through links, and leave nothing beside them', () => {
  const folder = scratch();
  writeFileSync(folder.path('a'), 'old');
  symlinkSync(folder.path('a'), folder.path('link'));
  writeFiles([
    { path: folder.path('link'), bytes: bytes('new') },
    { path: folder.path('b'), bytes: bytes('b') },
  ]);
  assert.is(readFileSync(folder.path('a'), 'utf8'), 'new');
  assert.equal(folder.list(), ['a', 'b', 'link']);
});

test('if one file cannot be written, none is', () => {
  const folder = scratch();
  writeFileSync(folder.path('a'), 'old');
  mkdirSync(folder.path('z'));
  const files = ['a', 'new', 'z'].map((name) => ({ path: folder.path(name), bytes: bytes('x') }));
  raises(() => writeFiles(files), 'FILE_ERROR', /z cannot be written: it is a directory/);
  assert.equal(folder.list(), ['a', 'z']);
  assert.is(readFileSync(folder.path('a'), 'utf8'), 'old');
});

test('if a later file cannot be put in its place, the earlier ones come back', () => {
  const folder = scratch();
  writeFileSync(folder.path('a'), 'old');
  const file = (name: string) => ({ path: folder.path(name), bytes: bytes('x') });
  const spoiler = {
    path: folder.path('last'),
    /** Takes the place of a file that has been found writable. */
    get bytes() {
      mkdirSync(folder.path('z'));
      return bytes('x');
    },
  };
  raises(() => writeFiles([file('a'), file('new'), file('z'), spoiler]), 'FILE_ERROR', /z cannot be written/);
  assert.equal(folder.list(), ['a', 'z']);
  assert.is(readFileSync(folder.path('a'), 'utf8'), 'old');
  const rest = ['a', 'b', 'last'].map(file);
  writeFiles(rest);
  assert.equal(folder.list(), ['a', 'b', 'last', 'z']);
  assert.is(readFileSync(folder.path('a'), 'utf8'), 'x');
});

test('a file where a folder should be', () => {
  const folder = scratch();
  writeFileSync(folder.path('plain'), 'old');
  const inside = folder.path('plain/x');
  const reason = /plain\/x cannot be (written|made): a part of its path is a file, not a directory/;
  raises(() => outputPath(inside), 'FILE_ERROR', reason);
  raises(() => expectFolder(inside), 'FILE_ERROR', reason);
  raises(() => writeFolder(inside, []), 'FILE_ERROR', reason);
});

test('a folder is made for the outputs, and none stays without them', () => {
  const folder = scratch();
  writeFolder(folder.path('deep/er'), [{ name: 'a', bytes: bytes('x') }]);
  assert.is(readFileSync(folder.path('deep/er/a'), 'utf8'), 'x');
  const unwritable = { name: 'x'.repeat(300), bytes: bytes('x') };
  raises(() => writeFolder(folder.path('other/one'), [unwritable]), 'FILE_ERROR', /ENAMETOOLONG/);
  raises(() => writeFolder(folder.path(`other/two/${unwritable.name}`), []), 'FILE_ERROR', /ENAMETOOLONG/);
  assert.not(existsSync(folder.path('other')));
  const guest = {
    name: 'a',
    get bytes() {
      writeFileSync(folder.path('other/guest'), '');
      return bytes('x');
    },
  };
  raises(() => writeFolder(folder.path('other'), [guest, unwritable]), 'FILE_ERROR', /ENAMETOOLONG/);
  assert.ok(existsSync(folder.path('other/guest')));
});

test('only regular files are replaced', () => {
  raises(() => writeFiles([{ path: '/dev/null', bytes: bytes('x') }]), 'FILE_ERROR', /no regular file/);
  raises(() => writeFiles([{ path: '/no/such/folder/x', bytes: bytes('x') }]), 'FILE_ERROR', /does not exist/);
});

test('unpacking is bounded, and damage is reported', () => {
  const packed = gzipSync(new Uint8Array(10_000));
  assert.is(unpack(packed, 'm.gz', 10_000).length, 10_000);
  raises(() => unpack(packed, 'm.gz', 9_999), 'FILE_ERROR', /^m\.gz cannot be unpacked: it holds more than 9999 bytes/);
  raises(() => unpack(packed.subarray(0, packed.length - 9), 'm.gz', 10_000), 'FILE_ERROR', /damaged/);
});

test.run();

import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { readPackage } from '../../src/package/read.ts';
import { writePackage } from '../../src/package/write.ts';
import { load } from '../../src/runtime/index.ts';
import { mulberry32 } from '../support/case_graph.ts';
import { cnnPackage, mlpPackage } from '../support/nets.ts';
import { raises } from '../support/raises.ts';
import { rejects } from '../support/rejects.ts';

const small = mlpPackage();
const larger = cnnPackage();

test('what is written is read', () => {
  for (const file of [small, larger, mlpPackage([1, 3, 32])]) {
    const { manifest, sections } = readPackage(file);
    const again = writePackage(manifest, sections);
    assert.equal(again, file);
    const copy = readPackage(again);
    assert.equal(copy.manifest, manifest);
    assert.equal(
      copy.sections.map((s) => [...s]),
      sections.map((s) => [...s]),
    );
  }
});

test('a package at any offset in its buffer is read', async () => {
  const { manifest } = readPackage(small);
  for (const offset of [1, 2, 3, 4, 7, 64]) {
    const buffer = new Uint8Array(small.length + offset);
    buffer.set(small, offset);
    assert.equal(readPackage(buffer.subarray(offset)).manifest, manifest);
    (await load(buffer.subarray(offset))).dispose();
  }
});

test('names and metadata of any characters come back', () => {
  const { manifest, sections } = readPackage(small);
  const odd = { ...manifest, name: 'ключ "\\\u0000\u2028😀', metadata: { '': 'x', 'a\nb': '\ud83d\ude00' } };
  assert.equal(readPackage(writePackage(odd, sections)).manifest, odd);
});

test('cut off at any length', () => {
  for (let length = 0; length < small.length; length++)
    raises(() => readPackage(small.subarray(0, length)), 'INVALID_PACKAGE');
  for (let length = 0; length < larger.length; length += 97)
    raises(() => readPackage(larger.slice(0, length)), 'INVALID_PACKAGE');
});

test('followed by more bytes', () => {
  for (const more of [1, 4, 64, 1000]) {
    const longer = new Uint8Array(small.length + more);
    longer.set(small);
    raises(() => readPackage(longer), 'INVALID_PACKAGE', /bytes expected, found/);
  }
});

test('every byte flipped, every bit of some', () => {
  const file = small.slice();
  for (let at = 0; at < file.length; at++) {
    for (const mask of at % 7 === 0 ? [1, 2, 4, 8, 16, 32, 64, 128] : [0xff]) {
      file[at] ^= mask;
      raises(() => readPackage(file), 'INVALID_PACKAGE');
      file[at] ^= mask;
    }
  }
  readPackage(file);
});

test('some bytes of a larger package flipped, through load', async () => {
  const random = mulberry32(5);
  const file = larger.slice();
  for (let i = 0; i < 300; i++) {
    const at = Math.floor(random() * file.length);
    file[at] ^= 1 << Math.floor(random() * 8);
    await rejects(() => load(file), 'INVALID_PACKAGE');
    file.set(larger);
  }
  (await load(file)).dispose();
});

test('words that changed places', () => {
  const random = mulberry32(6);
  const words = new Uint32Array(larger.slice().buffer);
  for (let i = 0; i < 300; i++) {
    const [a, b] = [random(), random()].map((x) => Math.floor(x * words.length));
    if (words[a] === words[b]) continue;
    [words[a], words[b]] = [words[b], words[a]];
    raises(() => readPackage(new Uint8Array(words.buffer)), 'INVALID_PACKAGE');
    [words[a], words[b]] = [words[b], words[a]];
  }
});

test('files that are something else are named', () => {
  const fill = (...start: number[]) => Uint8Array.from({ length: 200 }, (_, i) => start[i] ?? 0);
  raises(() => readPackage(fill(0x3c, 0x21)), 'INVALID_PACKAGE', /HTML/);
  raises(() => readPackage(fill(0x1f, 0x8b)), 'INVALID_PACKAGE', /gzip/);
  raises(() => readPackage(fill(0x08, 0x07)), 'INVALID_PACKAGE', /ONNX/);
  raises(() => readPackage(new Uint8Array(0)), 'INVALID_PACKAGE', /cut off/);
});

test.run();

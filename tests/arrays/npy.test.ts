import { test } from 'uvu';
import * as assert from 'uvu/assert';
import { parseNpy } from '../../src/arrays/npy.ts';
import { toNpy } from '../../src/npy.ts';
import { Tensor } from '../../src/tensor.ts';
import { raises } from '../support/raises.ts';

test('what NumPy makes unless told otherwise is refused with what to do', () => {
  const doubles = toNpy(new Tensor('float64', Float64Array.of(1, 2)));
  raises(() => parseNpy(doubles, 'a.npy'), 'TYPE_MISMATCH', /^a\.npy: .*array\.astype\('float32'\)/);
  assert.equal(parseNpy(toNpy(new Tensor('float32', Float32Array.of(1, 2))), 'a.npy').data, Float32Array.of(1, 2));
});

test.run();

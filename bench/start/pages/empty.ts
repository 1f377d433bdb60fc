import { done, run } from './first.ts';

run(() => done([]));

import { readFileSync } from 'node:fs';
import { setThreadsCount, setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
import * as tf from '@tensorflow/tfjs-core';
import { packageFolder } from '../../peers/host.ts';
import { tfjsGraph } from '../../peers/tfjs_graph.ts';
import { DIMS_LAST, done, model, readInput } from '../first.ts';
import { unpackLayers } from '../layers_file.ts';

setWasmPaths(`${packageFolder('@tensorflow/tfjs-backend-wasm')}dist/`);
setThreadsCount(1);
await tf.setBackend('wasm');
const { predict } = tfjsGraph(tf, unpackLayers(readFileSync(model)), ({ weights }) => weights);
done(predict(tf.tensor(readInput(), DIMS_LAST)).dataSync());

import { load, Tensor } from 'zeroskip';
import { DIMS, done, model, readInput } from '../first.ts';

const net = await load(model);
const feeds = { [net.inputs[0].name]: new Tensor('float32', readInput(), DIMS) };
done(net.runSync(feeds)[net.outputs[0].name].data as Float32Array);

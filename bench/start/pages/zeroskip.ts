import { load, Tensor } from 'zeroskip';
import { DIMS, done, fetchInput, model, run } from './first.ts';

run(async () => {
  const [net, input] = await Promise.all([load(model), fetchInput()]);
  const feeds = { [net.inputs[0].name]: new Tensor('float32', input, DIMS) };
  const infer = () => net.runSync(feeds)[net.outputs[0].name].data as Float32Array;
  await done(infer(), infer);
});

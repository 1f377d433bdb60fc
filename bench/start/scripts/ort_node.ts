import { InferenceSession, Tensor } from 'onnxruntime-node';
import { DIMS, done, model, readInput } from '../first.ts';

const session = await InferenceSession.create(model, { intraOpNumThreads: 1, interOpNumThreads: 1 });
const outputs = await session.run({ [session.inputNames[0]]: new Tensor('float32', readInput(), DIMS) });
done(outputs[session.outputNames[0]].data as Float32Array);

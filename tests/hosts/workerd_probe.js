/** Loads the package that a request brings, with the modules that its query names, and answers with the outputs or the error. */
import { load, Tensor } from 'zeroskip';
import simd from 'zeroskip/wasm/simd.wasm';
import extra from 'zeroskip/wasm/simd-extra.wasm';

const MODULES = { none: {}, core: { module: simd }, both: { module: simd, extra } };

export default {
  async fetch(request) {
    const options = MODULES[new URL(request.url).searchParams.get('modules')];
    try {
      const model = await load(request.body, options);
      const [{ name, dims }] = model.inputs;
      const size = dims.reduce((product, d) => product * d, 1);
      const outputs = await model.run({ [name]: new Tensor('float32', new Float32Array(size).fill(0.5), dims) });
      model.dispose();
      return Response.json(Object.values(outputs).map(({ data }) => Array.from(data, Number)));
    } catch (error) {
      return Response.json({ name: error.name, code: error.code, message: error.message }, { status: 500 });
    }
  },
};

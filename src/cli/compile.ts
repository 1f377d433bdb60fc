import { compileTuned, parseModel } from '../compile.ts';
import { ensure } from '../errors.ts';
import { readBytes } from '../host/node.ts';
import { type Inspection, inspect } from '../inspect.ts';
import { DATA_DETAILS } from './arrays.ts';
import type { Command } from './command.ts';
import { outputPath, sameFile, stem, writeFiles } from './files.ts';
import { bytes, plural } from './format.ts';
import { MODEL_OPTIONS, modelOptions, SHAPE_DETAILS } from './model_options.ts';
import { showFormats, showMacs, showPorts, summarizePlan } from './summary.ts';
import { fields } from './table.ts';

/** `zeroskip compile` */
export const compile: Command = {
  name: 'compile',
  summary: 'compile an ONNX model into a package',
  usage: 'MODEL -o FILE [options]',
  options: {
    output: { type: 'string', short: 'o', value: 'FILE', help: 'the package to write' },
    ...MODEL_OPTIONS,
    target: {
      type: 'string',
      value: 'simd|relaxed|both',
      help: 'simd: the same bits on every host; relaxed: faster; both (default): the host decides',
    },
    name: {
      type: 'string',
      value: 'NAME',
      help: "name in the package (default: the graph's name, else that of the file)",
    },
  },
  details: [
    'MODEL is an .onnx file, also packed by gzip (.onnx.gz); external data are read beside it. The package is written whole or not at all.',
    SHAPE_DETAILS,
    `${DATA_DETAILS} --calibrate runs at most 256 samples, evenly spread over the data.`,
  ],
  examples: [
    'zeroskip compile model.onnx -o model.zsk',
    'zeroskip compile model.onnx -o model.zsk --shape input=1x3x224x224',
    'zeroskip compile model.onnx -o model.zsk --plan input=1x3x224x224 --plan input=32x3x224x224',
    'zeroskip compile model.onnx -o model.zsk --calibrate samples.npz',
    'zeroskip compile model.onnx -o model.zsk --plan tokens=1x128,mask=1x128 --value scale=scale.npy',
  ],
  async run(args) {
    const path = args.only('MODEL');
    const output = args.required('output', 'the package to write, -o FILE');
    const target = args.choice('target', ['simd', 'relaxed', 'both']);
    const source = await readBytes(path);
    ensure(!sameFile(path, output), 'FILE_ERROR', () => `${output} cannot be written: it is the model itself`);
    outputPath(output);
    const graph = parseModel(source, path);
    const options = await modelOptions(args, graph.inputs);
    const name = args.string('name') ?? (graph.name || stem(path));
    const started = performance.now();
    const compilation = await compileTuned(graph, { ...options, target, name });
    const ms = performance.now() - started;
    writeFiles([{ path: output, bytes: compilation.bytes }]);
    const facts = await inspect(compilation.bytes);
    return {
      facts: report(facts, path, source.byteLength, output, ms),
      text: show(facts, path, source.byteLength, output),
    };
  },
};

const report = (facts: Inspection, model: string, modelBytes: number, output: string, ms: number) => ({
  model: { file: model, bytes: modelBytes },
  package: { file: output, name: facts.name, bytes: facts.bytes, target: facts.target },
  inputs: facts.inputs,
  outputs: facts.outputs,
  plans: facts.plans.map(summarizePlan),
  notes: facts.notes,
  ms,
});

function show(facts: Inspection, model: string, modelBytes: number, output: string): string {
  const plans = facts.plans.flatMap((plan) => [
    `${showPorts(plan.inputs)} -> ${showPorts(plan.outputs)}`,
    `  ${showMacs(summarizePlan(plan).macs)} multiplications, arena ${bytes(plan.arena.peak)} (all tensors: ${bytes(plan.arena.sum)})`,
  ]);
  return fields([
    ['model', `${model}, ${bytes(modelBytes)}`],
    ['package', `${output}, ${bytes(facts.bytes)}, target ${facts.target}`],
    [plural(facts.plans.length, 'plan'), plans],
    ['weights', showFormats(facts.plans[0])],
    ['notes', facts.notes.length > 0 ? groupNotes(facts.notes) : 'none'],
  ]).join('\n');
}

const LISTED = 3;

/** Notes as they are, but those of a pass that has many as their number. */
function groupNotes(notes: readonly string[]): string[] {
  const passOf = (note: string): string => note.slice(0, note.indexOf(':'));
  const passes = [...new Set(notes.map(passOf))];
  return passes.flatMap((pass) => {
    const own = notes.filter((note) => passOf(note) === pass);
    return own.length <= LISTED ? own : `${pass}: ${own.length} changes (zeroskip inspect lists them)`;
  });
}

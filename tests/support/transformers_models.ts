import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { exportOnnx } from '../../src/compile.ts';
import { GraphBuilder } from '../../src/graph/builder.ts';
import type { Graph } from '../../src/graph/ir.ts';
import { Tensor } from '../../src/tensor.ts';
import { randomTensor } from './graphs.ts';
import { sparseTensor } from './nets.ts';

const LABELS = { 0: 'cat', 1: 'dog', 2: 'owl', 3: 'yak' };
const WORDS = ['[PAD]', '[UNK]', '[CLS]', '[SEP]', 'a', 'dull', 'film', 'great', 'not', 'the', 'was', 'very'];
const FLOAT = 1;

/** `pixel_values` `[batch_size, 3, height, width]` -> two convolutions, mean, linear layer: `logits` `[batch_size, 4]`. */
function imageClassifier(): Graph {
  const g = new GraphBuilder('image');
  const x = g.input('pixel_values', 'float32', ['batch_size', 3, 'height', 'width']);
  const attrs = { kernel_shape: [3, 3], pads: [1, 1, 1, 1], strides: [2, 2] };
  const h = g.relu(g.conv(x, sparseTensor([16, 3, 3, 3], 0.5, 1), randomTensor([16], 2), attrs));
  const z = g.relu(g.conv(h, sparseTensor([32, 16, 3, 3], 0.2, 3), randomTensor([32], 4), attrs));
  const pooled = g.flatten(g.globalAveragePool(z));
  g.output(g.gemm(pooled, sparseTensor([4, 32], 0.5, 5), randomTensor([4], 6)), 'logits', ['batch_size', 4]);
  return g.build();
}

/** `input_ids`, `attention_mask` `[batch_size, sequence_length]` -> embedding, masked mean, linear layer: `logits` `[batch_size, 4]`. */
function textClassifier(): Graph {
  const g = new GraphBuilder('text');
  const dims = ['batch_size', 'sequence_length'];
  const ids = g.input('input_ids', 'int64', dims);
  const mask = g.input('attention_mask', 'int64', dims);
  const axis = (k: number) => g.constant(new Tensor('int64', [k], [1]));
  const embedded = g.node('Gather', [g.constant(randomTensor([WORDS.length, 16], 1)), ids], { axis: 0 });
  const kept = g.node('Unsqueeze', [g.node('Cast', [mask], { to: FLOAT }), axis(-1)]);
  const sum = g.node('ReduceSum', [g.mul(embedded, kept), axis(1)], { keepdims: 0 });
  const mean = g.node('Div', [sum, g.node('ReduceSum', [kept, axis(1)], { keepdims: 0 })]);
  const h = g.relu(g.gemm(mean, sparseTensor([32, 16], 0.3, 2), randomTensor([32], 3)));
  g.output(g.gemm(h, sparseTensor([4, 32], 0.5, 4), randomTensor([4], 5)), 'logits', ['batch_size', 4]);
  return g.build();
}

const IMAGE_FILES = {
  'config.json': { model_type: 'resnet', architectures: ['ResNetForImageClassification'], id2label: LABELS },
  'preprocessor_config.json': {
    image_processor_type: 'ViTImageProcessor',
    do_normalize: true,
    do_rescale: true,
    do_resize: true,
    image_mean: [0.5, 0.5, 0.5],
    image_std: [0.25, 0.25, 0.25],
    rescale_factor: 1 / 255,
    resample: 2,
    size: { height: 32, width: 32 },
  },
};

const special = (id: number) => ({
  id,
  content: WORDS[id],
  single_word: false,
  lstrip: false,
  rstrip: false,
  normalized: false,
  special: true,
});

const TEXT_FILES = {
  'config.json': {
    model_type: 'distilbert',
    architectures: ['DistilBertForSequenceClassification'],
    id2label: LABELS,
    vocab_size: WORDS.length,
  },
  'tokenizer_config.json': {
    tokenizer_class: 'DistilBertTokenizer',
    model_max_length: 32,
    pad_token: '[PAD]',
    unk_token: '[UNK]',
    cls_token: '[CLS]',
    sep_token: '[SEP]',
  },
  'tokenizer.json': {
    version: '1.0',
    added_tokens: [0, 1, 2, 3].map(special),
    normalizer: { type: 'BertNormalizer', clean_text: true, handle_chinese_chars: true, lowercase: true },
    pre_tokenizer: { type: 'BertPreTokenizer' },
    post_processor: {
      type: 'TemplateProcessing',
      single: [
        { SpecialToken: { id: '[CLS]', type_id: 0 } },
        { Sequence: { id: 'A', type_id: 0 } },
        { SpecialToken: { id: '[SEP]', type_id: 0 } },
      ],
      pair: [],
      special_tokens: {
        '[CLS]': { id: '[CLS]', ids: [2], tokens: ['[CLS]'] },
        '[SEP]': { id: '[SEP]', ids: [3], tokens: ['[SEP]'] },
      },
    },
    decoder: { type: 'WordPiece', prefix: '##', cleanup: true },
    model: {
      type: 'WordPiece',
      unk_token: '[UNK]',
      continuing_subword_prefix: '##',
      max_input_chars_per_word: 100,
      vocab: Object.fromEntries(WORDS.map((word, id) => [word, id])),
    },
  },
};

function write(folder: string, files: Record<string, object>, graph: Graph): void {
  mkdirSync(join(folder, 'onnx'), { recursive: true });
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), JSON.stringify(content));
  writeFileSync(join(folder, 'onnx', 'model.onnx'), exportOnnx(graph));
}

/** Writes the folders `tiny-image` and `tiny-text` as Transformers.js expects them under `env.localModelPath`. */
export function writeModels(folder: string): void {
  write(join(folder, 'tiny-image'), IMAGE_FILES, imageClassifier());
  write(join(folder, 'tiny-text'), TEXT_FILES, textClassifier());
}

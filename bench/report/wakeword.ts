import { bytes } from '../../src/cli/format.ts';
import type { WakewordNetwork, WakewordResults } from '../wakeword/results.ts';
import { markdownTable } from './markdown.ts';

const SHOWN = 90;

/** Three digits, as a plain number. */
const digits = (x: number): string => (x < 999.5 ? x.toPrecision(3) : x.toFixed(0));
const microseconds = (ms: number): string => digits(1000 * ms);

const percent = (x: number): string => (x < 99.5 ? x.toPrecision(2) : x.toFixed(0));

/** Share of squares at {@link SHOWN} per cent of zeros by one method, in per cent. */
function errorBy(network: WakewordNetwork, method: string): string {
  const own = network.curves.filter((curve) => curve.method === method);
  const errors = own.flatMap(({ points }) => points.filter(({ sparsity }) => sparsity === SHOWN).map(({ mse }) => mse));
  return errors.length > 0 ? `${percent(100 * Math.min(...errors))} %` : '–';
}

/** The README's section on networks that somebody else has trained. */
export function wakewordSection({ host, package: name, versions, networks }: WakewordResults): string[] {
  const { sparsity } = networks[0].latency;
  return [
    '### Networks that others ship',
    '',
    `The wake-word networks of \`${name}\` ${versions[name]}, pruned once, without training. Squared error of the outputs in front of the last Sigmoid`,
    `or Softmax, relative to their squares, at ${SHOWN} % zeros (the better of the same share in each layer and ERK), on held-out inputs. There`,
    'are no recordings here: the inputs are synthetic audio that is like speech, run through the front end of the package, so the errors say how far',
    'outputs move, not how many wake words are missed. Neurons that this audio never activates are lost whole, which flatters errors, sizes and',
    'times: recorded speech may need them. Measured in one process only, beside other work on the machine.',
    '',
    ...markdownTable(
      ['network', 'weights', 'magnitude', 'Wanda', 'SparseGPT', 'OBC'],
      ['left', 'right', 'right', 'right', 'right', 'right'],
      networks.map((network) => [
        network.name,
        String(network.weights),
        ...['magnitude', 'wanda', 'sparsegpt', 'obc'].map((method) => errorBy(network, method)),
      ]),
    ),
    '',
    `Microseconds of one inference of the whole network (Node ${host.version}, one thread, least of alternating runs) and bytes, dense and with`,
    `${sparsity} % zeros:`,
    '',
    ...markdownTable(
      [
        'network',
        'zeroskip',
        `zeroskip, ${sparsity} %`,
        'ONNX Runtime Web',
        'ONNX Runtime, native',
        'ONNX',
        'package',
        `package, ${sparsity} %`,
      ],
      ['left', 'right', 'right', 'right', 'right', 'right', 'right', 'right'],
      networks.map(({ name: network, latency: { times }, bytes: sizes }) => [
        network,
        microseconds(times['zeroskip dense'].min),
        microseconds(times['zeroskip pruned'].min),
        microseconds(Math.min(times['ort-web dense'].min, times['ort-web pruned'].min)),
        microseconds(Math.min(times['ort-node dense'].min, times['ort-node pruned'].min)),
        bytes(sizes.onnx),
        bytes(sizes.dense),
        bytes(sizes.pruned),
      ]),
    ),
  ];
}

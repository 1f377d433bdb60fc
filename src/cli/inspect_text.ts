import type { Inspection, LayerInspection, PlanInspection } from '../inspect.ts';
import { showDims } from '../tensor.ts';
import { bytes, count, duration, inLine, percent, shorten } from './format.ts';
import { realLayers, showFormats, showMacs, showPorts, showTypes, totalMacs } from './summary.ts';
import { type Column, fields, table, tableWidth } from './table.ts';

/** What is printed besides the facts of every inspection. */
interface Shown {
  graph: boolean;
  alternatives: boolean;
}

/** The text of `zeroskip inspect`. */
export function printInspection(path: string, facts: Inspection, shown: Shown): string {
  const compiled = facts.kind === 'model' ? `, compiles to ${bytes(facts.bytes)}` : '';
  const metadata = Object.entries(facts.metadata).map(([key, value]) => shorten(`${key}: ${value}`, tableWidth() - 12));
  const sections = facts.sections.map((section) => `${section.name} ${bytes(section.bytes)}`);
  const heading = fields([
    [facts.kind, `${path}, ${bytes(facts.modelBytes ?? facts.bytes)}${compiled}`],
    ['name', facts.name],
    ['target', facts.extra ? `${facts.target}, with the second module of kernels` : facts.target],
    ['inputs', showTypes(facts.inputs)],
    ['outputs', showTypes(facts.outputs)],
    ['sections', [...sections, `(tables made at load: ${bytes(facts.tableBytes)})`]],
  ]);
  const plans = facts.plans.flatMap((plan, i) => ['', ...printPlan(plan, `plan ${i}`, shown)]);
  const ending = fields([
    ['notes', facts.notes.length > 0 ? facts.notes : 'none'],
    ['metadata', metadata.length > 0 ? metadata : 'none'],
  ]);
  return [...heading, ...plans, '', ...ending].join('\n');
}

function printPlan(plan: PlanInspection, title: string, shown: Shown): string[] {
  const layers = realLayers(plan);
  const lines = [
    ...fields([
      [title, `${showPorts(plan.inputs)} -> ${showPorts(plan.outputs)}`],
      ['arena', `${bytes(plan.arena.peak)} at once, ${bytes(plan.arena.sum)} if no memory were reused`],
      ['weights', showFormats(plan)],
      ['products', showMacs(totalMacs(plan))],
    ]),
    '',
    ...printLayers(layers),
    ...printNotes(layers),
  ];
  if (shown.alternatives) lines.push(...layers.flatMap(printAlternatives));
  if (shown.graph && plan.graph) lines.push('', plan.graph);
  return lines;
}

const COLUMNS: readonly Column[] = [
  { title: 'op', least: 9 },
  { title: 'node', least: 14, worth: 2.5 },
  { title: 'output', least: 10 },
  { title: 'zeros', right: true },
  { title: 'structure', least: 12 },
  { title: 'kernel', least: 20 },
  { title: 'bytes', right: true },
  { title: 'kept', right: true },
  { title: 'dense', right: true },
];

/** With the zeros that calibration has found in what each layer reads. */
function printLayers(layers: readonly LayerInspection[]): string[] {
  if (layers.every(({ zeros }) => !zeros)) return table(COLUMNS, layers.map(row));
  const share = (x: number | undefined): string => (x === undefined ? '' : percent(x));
  return table(
    [...COLUMNS, { title: 'zeros in', right: true }, { title: 'zero tiles', right: true }],
    layers.map((layer) => [...row(layer), share(layer.zeros?.elements), share(layer.zeros?.tiles)]),
  );
}

const row = ({ op, node, dims, sparsity, structure, kernel, bytes: stored, macs }: LayerInspection): string[] => [
  op,
  node,
  showDims(dims),
  sparsity === undefined ? '' : percent(sparsity),
  structure ?? '',
  kernel,
  stored === undefined ? '' : bytes(stored),
  macs ? count(macs.kept) : '',
  macs ? count(macs.dense) : '',
];

/** Why layers stayed dense. */
function printNotes(layers: readonly LayerInspection[]): string[] {
  const notes = layers.filter(({ note }) => note);
  if (notes.length === 0) return [];
  const entries = notes.map(({ node, note }) => [`  ${shorten(inLine(node), 40)}`, note ?? ''] as const);
  return ['', 'stayed dense:', ...fields(entries)];
}

function printAlternatives({ node, kernel, cost, alternatives = [] }: LayerInspection): string[] {
  if (cost === undefined || alternatives.length === 0) return [];
  const ms = (ns: number): string => duration(ns / 1e6);
  const others = alternatives.map((other) => [`  ${other.kernel}`, other.reject ?? ms(other.cost)] as const);
  return ['', `${inLine(node)} (modelled)`, ...fields([[`  ${kernel}`, `${ms(cost)}, taken`], ...others])];
}

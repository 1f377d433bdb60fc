/** Pruning: `zeroskip/prune`. */
export type { SampleData } from '../calibrate/samples.ts';
export { exportOnnx, importOnnx, type ModelSource } from '../compile.ts';
export { type ErrorCode, ZeroskipError } from '../errors.ts';
export type { Attr, Clamp, Graph, Node, Value } from '../graph/ir.ts';
export { type Dim, type DType, Tensor, type TypedArray } from '../tensor.ts';
export { type Allocation, allocate, allocateAll, type Choice, type Option } from './allocate.ts';
export { type CalibrationOptions, gatherStats, type StatsNeeds } from './calibration.ts';
export { ChannelSubject, type ChannelSubjectOptions, type ChannelUnit, type Left } from './channel_subject.ts';
export { type Costing, type LayerCost, type Measuring, measured, modelled, type NetworkCost } from './costs.ts';
export { CRITERIA, criterionNamed } from './criteria/index.ts';
export { applyMask, layersOf, maskAs, type Shapes, shadowOf, tensorOf, weightsOf, withWeights } from './layers.ts';
export { formatMasks, type MaskFormat, masksIn, parseMasks } from './mask_files.ts';
export { Evaluator, type Labels, type MetricName, type Quality } from './metric.ts';
export type { Normalisation } from './normalise.ts';
export { maskOf, maskSparsity, PATTERN_NAMES, parsePattern, patternName, type Ranking } from './patterns.ts';
export {
  type Figures,
  type LayerReport,
  type PruneOptions,
  type PruneReport,
  type PruneResult,
  prune,
  type TargetReport,
} from './prune.ts';
export { type Pruned, Pruner } from './pruner.ts';
export { checkRecipe, type Recipe, recipeSchema, type Stage } from './recipe.ts';
export type { Schema } from './recipe_fields.ts';
export { reestimateBatchNorm } from './repair/batch_norm.ts';
export { correctBias } from './repair/bias_correction.ts';
export { REPAIRS, type RepairName, type RepairOptions, Repairs } from './repair/index.ts';
export { type LayerStats, type LeastSquaresOptions, leastSquares, optimalBrainUpdate } from './repair/least_squares.ts';
export type { Repaired } from './repair/repaired.ts';
export { memoryWork, type Work, type WorkSession } from './resume.ts';
export type { RunOptions } from './runs.ts';
export {
  type Allocation as ScopedMasks,
  type Comparison,
  type GlobalScope,
  masksFor,
  type Scope,
  type Scored,
} from './scope.ts';
export { type Selection, selectLayers } from './select.ts';
export { choicesOf, GRID, type Scanning, type Sensitivity, sensitivity } from './sensitivity.ts';
export type { ScopeName } from './stage_fields.ts';
export { withStaticShapes } from './static_shapes.ts';
export {
  channelGroups,
  type Group,
  type Member,
  type Producer,
  type Removal,
  removeAllChannels,
  removeChannels,
  scoreGroup,
} from './structured.ts';
export type { Applied, Choices, LayerChoice, Repair, Subject } from './subject.ts';
export { parseTarget, type Target, type TargetName, targetOf } from './targets.ts';
export {
  paretoFront,
  TRADEOFF_GRID,
  type Tradeoff,
  type TradeoffFigures,
  type TradeoffOptions,
  type TradeoffPoint,
  tradeoff,
} from './tradeoff.ts';
export type {
  Criterion,
  InputStats,
  Layer,
  Mask,
  Masks,
  OutputStats,
  Pattern,
  ScoreContext,
  Stats,
  Trace,
} from './types.ts';

/** What a repair did. */
export interface Repaired<Graph> {
  /** A new graph; the one that was given stays as it is. */
  graph: Graph;
  /** Names of the nodes that it changed. */
  changed: string[];
  /** What it left, and why. */
  left: { name: string; reason: string }[];
}

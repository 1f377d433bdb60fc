/**
 * Op codes that the planner writes, or that stand around other records: no case of an op reaches them alone. `kernels/control.test.ts` and
 * `plan/branches.test.ts` run them.
 */
export const CONTROL_CODES: readonly string[] = ['OP_REPEAT', 'OP_NEXT', 'OP_CONFIDENCE'];

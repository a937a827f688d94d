export interface Mutation {
  readonly id: string
  /** IDs of the requirements and threats that the control answers to. */
  readonly proves: string
  readonly file: string
  readonly find: string
  readonly replace: string
  readonly test: string
}
export const MUTATIONS: readonly Mutation[]

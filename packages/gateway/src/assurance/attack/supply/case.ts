/**
 * What became of one case. `stopped`: refused, held or noticed · `passed`: it got through · `quiet`: rightly nothing was said ·
 * `held`: honest work was held · `unverified`: it could not be tried here.
 */
type SupplyResult = 'stopped' | 'passed' | 'quiet' | 'held' | 'unverified'

export interface SupplyCase {
  readonly id: string
  readonly category: string
  readonly kind: 'attack' | 'benign'
  readonly result: SupplyResult
  /** What decided: the id of a finding or the code of a refusal; of what passed, the control that was silent. */
  readonly by: string
}

interface SupplyCounts {
  readonly attacks: number
  readonly stopped: number
  readonly passed: number
  readonly benign: number
  readonly held: number
  readonly unverified: number
}

export function countSupply(cases: readonly SupplyCase[]): SupplyCounts {
  const of = (result: SupplyResult): number => cases.filter((each) => each.result === result).length
  return {
    attacks: cases.filter(({ kind }) => kind === 'attack').length,
    ...{ stopped: of('stopped'), passed: of('passed') },
    benign: cases.filter(({ kind }) => kind === 'benign').length,
    ...{ held: of('held'), unverified: of('unverified') },
  }
}

/** Of an attack, silence is a failure; of honest work, everything else is. */
export const judged = (kind: SupplyCase['kind'], spoke: boolean): SupplyResult =>
  kind === 'attack' ? (spoke ? 'stopped' : 'passed') : spoke ? 'held' : 'quiet'

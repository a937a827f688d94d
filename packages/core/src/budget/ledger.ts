/** Units that are set aside for what one gateway has begun. */
export interface BudgetHold {
  /** Whose: one run of a gateway. */
  readonly by: string
  readonly units: number
  /** Without a word of that gateway they count as spent from then on, ms since 1970. */
  readonly until: number
}

/** What somebody was told of in this turn: most of it is spent, all of it, or something cost more than was set aside. */
export type BudgetNews = 'near' | 'spent' | 'over'

/** What is left of a budget in one turn, as all gateways know it. */
export interface BudgetLedger {
  readonly spent: number
  readonly holds: readonly BudgetHold[]
  readonly told: readonly BudgetNews[]
}

export type BudgetOrder =
  | { readonly kind: 'reserve'; readonly by: string; readonly units: number }
  /** What was set aside is given back, and what it came to is spent. */
  | { readonly kind: 'settle'; readonly by: string; readonly units: number; readonly spent: number }
  /** It is still being worked on. */
  | { readonly kind: 'renew'; readonly by: string }
  | { readonly kind: 'reset' }

export interface BudgetTerms {
  readonly limit: number
  /** Part of the limit that is worth a word, 0 to 1. */
  readonly alertAt: number
  /** ms since 1970. */
  readonly now: number
  /** How long units stay set aside without a word, ms. */
  readonly lease: number
}

export interface BudgetStep {
  readonly ledger: BudgetLedger
  readonly ok: boolean
  readonly news: readonly BudgetNews[]
}

export const EMPTY_BUDGET: BudgetLedger = Object.freeze({ spent: 0, holds: [], told: [] })

/** Units that are set aside now. */
export const reservedUnits = ({ holds }: BudgetLedger): number => holds.reduce((sum, { units }) => sum + units, 0)

/**
 * One order. What is spent and set aside together never gets over the limit by a reservation (HB-135); only what costs more than was set
 * aside can get it there, and is charged in full.
 */
export function applyBudget(ledger: BudgetLedger, order: BudgetOrder, terms: BudgetTerms): BudgetStep {
  switch (order.kind) {
    case 'reserve': {
      const isRoom = order.units <= terms.limit - ledger.spent - reservedUnits(ledger)
      return isRoom ? { ledger: held(ledger, order, terms), ok: true, news: [] } : withNews(ledger, ['spent'], false)
    }
    case 'settle':
      return settled(ledger, order, terms)
    case 'renew':
      return { ledger: held(ledger, { ...order, units: 0 }, terms), ok: true, news: [] }
    case 'reset':
      return { ledger: { ...EMPTY_BUDGET, holds: ledger.holds }, ok: true, news: [] }
  }
}

/**
 * What a gateway that says nothing any more had set aside counts as spent: nobody knows what became of it (T-161).
 * @param alive holds that are worked on, whatever the clock says
 */
export function forfeit(ledger: BudgetLedger, alive: ReadonlySet<string>, now: number): BudgetLedger {
  const isOver = ({ by, until }: BudgetHold): boolean => until <= now && !alive.has(by)
  const lost = ledger.holds.filter(isOver)
  if (lost.length === 0) return ledger
  const spent = lost.reduce((sum, { units }) => added(sum, units), ledger.spent)
  return { ...ledger, spent, holds: ledger.holds.filter((hold) => !isOver(hold)) }
}

function settled(
  ledger: BudgetLedger,
  { by, units, spent: actual }: Extract<BudgetOrder, { kind: 'settle' }>,
  { limit, alertAt }: BudgetTerms,
): BudgetStep {
  const isHeld = ledger.holds.some((hold) => hold.by === by && hold.units >= units)
  // what was forfeited is spent already; only what came on top is not
  const spent = added(ledger.spent, isHeld ? actual : Math.max(0, actual - units))
  const holds = isHeld
    ? ledger.holds
        .map((hold) => (hold.by === by ? { ...hold, units: hold.units - units } : hold))
        .filter((hold) => hold.units > 0)
    : ledger.holds
  const near: readonly BudgetNews[] = spent >= alertAt * limit ? ['near'] : []
  const over: readonly BudgetNews[] = actual > units ? ['over'] : []
  return withNews({ ...ledger, spent, holds }, [...near, ...over], true)
}

function withNews(ledger: BudgetLedger, happened: readonly BudgetNews[], ok: boolean): BudgetStep {
  const news = happened.filter((one) => !ledger.told.includes(one))
  return { ledger: news.length === 0 ? ledger : { ...ledger, told: [...ledger.told, ...news] }, ok, news }
}

function held(
  ledger: BudgetLedger,
  { by, units }: { readonly by: string; readonly units: number },
  { now, lease }: BudgetTerms,
): BudgetLedger {
  const own = ledger.holds.find((hold) => hold.by === by)
  if (own === undefined && units === 0) return ledger
  const kept = { by, units: (own?.units ?? 0) + units, until: Math.max(own?.until ?? 0, now + lease) }
  return { ...ledger, holds: [...ledger.holds.filter((hold) => hold.by !== by), kept] }
}

/** Sums stay whole numbers that can be written. */
const added = (sum: number, units: number): number => Math.min(Number.MAX_SAFE_INTEGER, sum + units)

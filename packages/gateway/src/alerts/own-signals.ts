import { plainSignal, SallyportError, toSallyportError, type Signal } from '@sallyport/core'

/** The store does not take alerts. */
export const troubleSignal = (error: unknown): Signal =>
  plainSignal('alerts.not_stored', 'critical', `Alerts cannot be stored: ${toSallyportError(error).message}`)

/** A notice that did not arrive. */
export function lostSignal(sink: string, state: 'dead' | 'dropped', tries: number, error: string): Signal {
  const why = state === 'dead' ? `after ${tries} tries (${error})` : 'because too many wait'
  const signal = plainSignal('alerts.not_delivered', 'high', `An alert for ${sink} was given up ${why}.`)
  return { ...signal, subject: sink, cause: { sink } }
}

/** Nobody looked into the log for so long (HB-146). */
export const unreviewedSignal = (days: number): Signal =>
  plainSignal(
    'log.unreviewed',
    'medium',
    `Nobody has looked into the log for ${days} ${days === 1 ? 'day' : 'days'}; logs are reviewed, not just written.`,
  )

/** @throws SallyportError SP_ALERT_UNKNOWN */
export function unknown(id: string): never {
  throw new SallyportError('SP_ALERT_UNKNOWN', `No alert has the id ${id.slice(0, 80)}.`)
}

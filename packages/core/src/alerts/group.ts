import { alertRank, type Alert, type AlertEvent, type ChannelState, type Signal } from './alert.ts'
import { clip } from './clip.ts'

/** What is kept of what happened to an alert. */
const TIMELINE = 50

/** Signals of one key are one alert. `'*'` as subject stands for all those that there are too many of. */
export const alertKey = ({ name, agent }: Signal, subject: string): string => JSON.stringify([name, agent, subject])

/** @param now ms since 1970 */
export function opened(id: string, key: string, signal: Signal, now: number): Alert {
  const { name, severity, sentence, agent, instance, session, tool, cause } = signal
  return {
    ...{ id, key, name, severity, sentence, agent, instance, session, tool, state: 'open', holder: '' },
    ...{ count: 1, first: now, last: now, cause, silence: '', notices: 0, noticedAt: 0, noticedCount: 0, channels: {} },
    ...{ noticedAs: '', noticedBy: '' },
    timeline: [{ at: now, event: 'opened' }],
  }
}

/** One more of the same. The newest says what happened, the worst how bad it is. */
export function again(alert: Alert, signal: Signal, now: number): Alert {
  const { sentence, session, instance, cause } = signal
  const worse = alertRank(signal.severity) > alertRank(alert.severity)
  const counted = {
    ...alert,
    sentence,
    session,
    instance,
    cause,
    count: alert.count + 1,
    last: Math.max(now, alert.last),
  }
  if (!worse) return counted
  return noted({ ...counted, severity: signal.severity }, { at: now, event: 'worse', text: signal.severity })
}

export function noted(alert: Alert, event: AlertEvent): Alert {
  // the beginning is kept, and the newest
  const { timeline } = alert
  const kept = timeline.length < TIMELINE ? timeline : [...timeline.slice(0, 1), ...timeline.slice(2)]
  return { ...alert, timeline: [...kept, event] }
}

export const taken = (alert: Alert, by: string, now: number): Alert =>
  noted({ ...alert, state: 'taken', holder: by }, { at: now, event: 'taken', by })

export const resolved = (alert: Alert, by: string, reason: string, now: number): Alert =>
  noted({ ...alert, state: 'resolved' }, { at: now, event: 'resolved', by, text: clip(reason, 500) })

/**
 * A notice goes to these sinks: written with the alert itself, so that no crash loses it.
 * @param by name of the gateway that tells it
 */
export function noticed(alert: Alert, sinks: readonly string[], now: number, by: string): Alert {
  const notice = alert.notices + 1
  const queued = sinks.map((name) => [name, { state: 'queued', notice, at: now, tries: 0 } satisfies ChannelState])
  const channels = { ...alert.channels, ...(Object.fromEntries(queued) as Record<string, ChannelState>) }
  const told = { noticedAt: now, noticedCount: alert.count, noticedAs: alert.severity, noticedBy: by }
  return { ...alert, notices: notice, ...told, channels }
}

/** How a notice fared. News of an older notice than the last change nothing. */
export function delivered(alert: Alert, sink: string, news: ChannelState): Alert {
  const known = alert.channels[sink]
  if (known !== undefined && known.notice > news.notice) return alert
  const changed = { ...alert, channels: { ...alert.channels, [sink]: news } }
  if (news.state === 'sent') return noted(changed, { at: news.at, event: 'notified', text: sink })
  if (news.state !== 'dead' && news.state !== 'dropped') return changed
  return noted(changed, { at: news.at, event: 'failed', text: `${sink}: ${news.error ?? ''}` })
}

/**
 * Of two gateways that changed `base`, `theirs` being in the store: what people did counts from there, and so does who told
 * it first; what happened counts from both.
 */
export function merged(ours: Alert, theirs: Alert, base: Alert): Alert {
  const { state, holder } = theirs
  const newest = theirs.last > ours.last ? theirs : ours
  const worst = alertRank(theirs.severity) > alertRank(ours.severity) ? theirs : ours
  const told = theirs.notices > base.notices ? theirs : ours
  const both = { ...newest, severity: worst.severity, silence: ours.silence, state, holder, timeline: theirs.timeline }
  const { notices, noticedAt, noticedCount, noticedAs, noticedBy } = told
  const counted = { count: theirs.count + ours.count - base.count, last: newest.last }
  const all = { ...both, ...counted, notices, noticedAt, noticedCount, noticedAs, noticedBy }
  const channels = told === theirs ? theirs.channels : { ...theirs.channels, ...changedSince(base, ours) }
  const known = new Set([...base.timeline, ...theirs.timeline].map((event) => JSON.stringify(event)))
  const own = ours.timeline.filter((event) => !known.has(JSON.stringify(event)))
  return own.reduce(noted, { ...all, channels })
}

const changedSince = (base: Alert, { channels }: Alert): Alert['channels'] =>
  Object.fromEntries(
    Object.entries(channels).filter(([name, now]) => JSON.stringify(now) !== JSON.stringify(base.channels[name])),
  )

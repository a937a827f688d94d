import { serverNow } from '../../api/clock.ts'
import { useGet } from '../../api/query.ts'
import { Notice } from '../../ui/states.tsx'
import { timeText, type Sink } from './model.ts'

const EVERY = 30_000

/** One line for each channel that does not take its messages. */
export function SinkTrouble() {
  const { data } = useGet<{ readonly items: readonly Sink[] }>('/api/v1/alert-sinks', {}, { every: EVERY })
  const broken = (data?.items ?? []).filter(({ error, dead }) => error !== '' || dead > 0)
  return broken.map((sink) => (
    <Notice key={sink.name} tone={sink.dead > 0 ? 'deny' : 'ask'}>
      {said(sink)}
    </Notice>
  ))
}

function said({ name, error, since, waiting, dead }: Sink): string {
  const trouble = error === '' ? '' : `${name}: ${error} since ${timeText(since, serverNow())}. `
  const waits = waiting === 0 ? '' : `${waiting} ${waiting === 1 ? 'message waits' : 'messages wait'} in the queue. `
  const lost =
    dead === 0 ? '' : `${dead} for ${name} ${dead === 1 ? 'was' : 'were'} given up: sallyport alerts test --retry-dead`
  return `${trouble}${waits}${lost}`.trim()
}

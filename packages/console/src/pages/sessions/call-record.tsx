import { useGet } from '../../api/query.ts'
import { Answered } from '../../ui/states.tsx'
import { Arguments } from '../log/arguments.tsx'
import { text, type Members, type RecordAnswer } from '../log/model.ts'
import { Returned } from '../log/returned.tsx'
import styles from './inspector.module.css'
import { originWords, type StoryColumn, type StoryRead } from './model.ts'

interface Origin {
  readonly argument: string
  readonly column: StoryColumn | undefined
}

interface CallRecordProps {
  readonly place: string
  /** Arguments whose value stands in something that was read, and where. */
  readonly origins: readonly Origin[]
  readonly go: (place: string | undefined) => void
  readonly point: (argument: string | undefined) => void
}

/** What was sent with a call, where each value came from, and what is known of what came back. */
export function CallRecord({ place, origins, go, point }: CallRecordProps) {
  const answer = useGet<RecordAnswer>(`/api/v1/log/${encodeURIComponent(place)}`)
  return (
    <Answered of={answer} failed="The record of this step could not be loaded." rows={3}>
      {({ item, call }) => {
        // a column may hold a read and what followed it: only what the record itself says of its arguments belongs to it
        const own = origins.filter(({ argument, column }) => rests(item.record, argument, column?.read))
        const outcome = call.find(({ record }) => text(record, 'kind') === 'outcome')?.record
        return (
          <>
            <section aria-label="Arguments">
              <h3>{own.length > 0 ? 'Where its values came from' : 'Arguments'}</h3>
              <Arguments
                record={item.record}
                source={(path) => {
                  const origin = own.find(({ argument }) => argument === path)
                  return (
                    origin !== undefined && (
                      <button
                        type="button"
                        className={styles.source}
                        onFocus={() => point(path)}
                        onBlur={() => point(undefined)}
                        onClick={() => go(origin.column?.read?.place)}
                      >
                        {originWords(origin.column ?? { at: 0 })}
                      </button>
                    )
                  )
                }}
              />
            </section>
            {outcome !== undefined && (
              <section aria-label="What it returned">
                <h3>What it returned</h3>
                <Returned outcome={outcome} />
              </section>
            )}
          </>
        )
      }}
    </Answered>
  )
}

/** Whether a record says that an argument's value stands in a read. */
function rests(record: Members, argument: string, read: StoryRead | undefined): boolean {
  const origins = Array.isArray(record['origins']) ? (record['origins'] as readonly Members[]) : []
  return origins.some(({ path, origin, from }) => {
    if (path !== argument || read === undefined) return false
    return read.from === 'words' ? origin === 'user' : Array.isArray(from) && from.includes(read.tool)
  })
}

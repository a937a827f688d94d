import { serverNow } from '../../api/clock.ts'
import { useGet } from '../../api/query.ts'
import { Chip } from '../../ui/chip.tsx'
import { Card } from '../../ui/screen.tsx'
import { Answered, Empty } from '../../ui/states.tsx'
import styles from './page.module.css'

/** `GET /api/v1/accepted-risks` */
interface Risk {
  readonly kind: 'setting' | 'address' | 'finding'
  readonly name: string
  readonly why: string
  readonly reason: string
  readonly by: string
  readonly expires: string
}

const KIND = { setting: 'setting', address: 'address inside', finding: 'finding let pass' }
const SOON = 14 * 86_400_000
const DAY = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short', year: 'numeric', timeZone: 'UTC' })

/** What weakens protection and somebody put their name to. It is configuration, so that nobody changes it from a browser. */
export function Risks() {
  const list = useGet<{ readonly items: readonly Risk[] }>('/api/v1/accepted-risks')
  return (
    <Answered of={list} failed="Accepted risks could not be loaded.">
      {({ items }) => (
        <>
          <Card title="Accepted risks" flush>
            {items.length === 0 ? (
              <Empty>Nothing that weakens protection was accepted.</Empty>
            ) : (
              <ul className={styles.list}>
                {items.map((risk) => (
                  <li key={`${risk.kind} ${risk.name}`}>
                    <div className={styles.words}>
                      <b>
                        <code>{risk.name}</code>
                      </b>{' '}
                      <Chip>{KIND[risk.kind]}</Chip>
                      <p>{risk.why}</p>
                      <div className={styles.note}>
                        {risk.by}: {risk.reason}
                      </div>
                    </div>
                    <Until day={risk.expires} />
                  </li>
                ))}
              </ul>
            )}
          </Card>
          <p className={styles.note}>
            They stand in the configuration and end by themselves. A setting that has ended keeps the gateway from
            starting.
          </p>
        </>
      )}
    </Answered>
  )
}

function Until({ day }: { readonly day: string }) {
  const left = Date.parse(day) + 86_400_000 - serverNow()
  const words = DAY.format(Date.parse(day))
  if (left < 0) return <Chip tone="deny">ended {words}</Chip>
  return <Chip {...(left < SOON ? { tone: 'ask' as const } : {})}>ends {words}</Chip>
}

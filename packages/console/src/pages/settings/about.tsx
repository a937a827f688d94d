import { useMe } from '../../api/me.ts'
import { isAdvisory, levelWord } from '../../shell/level.ts'
import { Facts } from '../../ui/facts.tsx'
import { Card } from '../../ui/screen.tsx'
import { Answered } from '../../ui/states.tsx'
import styles from './page.module.css'

const LEVELS: ReadonlyMap<string, string> = new Map([
  [
    'advisory',
    'The agent shares your account, so it could answer for you. Run it with `sallyport run` to change that.',
  ],
  ['confined', 'Agents run in a sandbox that cannot reach this gateway’s files, sockets or your passkey.'],
  ['separate user', 'The gateway runs under a user of its own, which agents cannot become.'],
])

/** Version of this gateway and how well it protects here. */
export function About() {
  const me = useMe()
  return (
    <Answered of={me} failed="The gateway’s description could not be loaded.">
      {({ gateway }) => (
        <Card title="This gateway">
          <div className={styles.form}>
            <Facts
              facts={[
                { label: 'Version', value: gateway.version },
                { label: 'Mode', value: gateway.mode },
                { label: 'Level', value: levelWord(gateway.level), odd: isAdvisory(gateway.level) },
                { label: 'Origin', value: location.host },
              ]}
            />
            <p>{LEVELS.get(levelWord(gateway.level))}</p>
            <p className={styles.note}>
              Sallyport is licensed under Apache-2.0. Geist and Geist Mono are licensed under OFL-1.1, Lucide under ISC.
            </p>
          </div>
        </Card>
      )}
    </Answered>
  )
}

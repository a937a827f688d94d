import { useState } from 'react'
import { useMe } from '../../api/me.ts'
import { keysAreOn, setKeysOn } from '../../shell/keys.ts'
import { applyTheme, chosenTheme, type Theme } from '../../theme/theme.ts'
import { post } from '../../api/client.ts'
import { Button } from '../../ui/button.tsx'
import { Choice } from '../../ui/field.tsx'
import { Facts } from '../../ui/facts.tsx'
import { Card } from '../../ui/screen.tsx'
import styles from './page.module.css'
import { Answered } from '../../ui/states.tsx'

/** Who I am here, and how I like to see it. */
export function Profile() {
  const me = useMe()
  const [theme, setTheme] = useState(chosenTheme)
  const [keys, setKeys] = useState(keysAreOn)
  return (
    <Answered of={me} failed="Your profile could not be loaded.">
      {({ name, roles, session }) => (
        <>
          <Card title="You">
            <Facts
              facts={[
                { label: 'Name', value: name },
                { label: 'Roles', value: roles.join(', ') },
                {
                  label: 'Signed in until',
                  value:
                    session?.endsAt == null ? 'you sign out' : new Date(session.endsAt).toLocaleTimeString('en-GB'),
                },
              ]}
            />
          </Card>
          <Card title="This browser">
            <div className={styles.choices}>
              <Choice
                label="Theme"
                value={theme}
                options={[
                  ['system', 'As the system'],
                  ['light', 'Light'],
                  ['dark', 'Dark'],
                ]}
                onChange={(value) => {
                  setTheme(value as Theme)
                  applyTheme(value as Theme)
                }}
              />
              <Choice
                label="Keys"
                value={keys ? 'on' : 'off'}
                options={[
                  ['on', 'Single keys act, for example D denies'],
                  ['off', 'Only buttons act'],
                ]}
                onChange={(value) => {
                  setKeys(value === 'on')
                  setKeysOn(value === 'on')
                }}
              />
            </div>
          </Card>
          <div className={styles.acts}>
            <Button onClick={() => void signOut()}>Sign out</Button>
          </div>
        </>
      )}
    </Answered>
  )
}

async function signOut(): Promise<void> {
  await post('/api/v1/sign-out')
  location.assign('/sign-in')
}

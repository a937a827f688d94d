import { useState } from 'react'
import { Button } from '../../ui/button.tsx'
import { Field } from '../../ui/field.tsx'
import styles from './page.module.css'

interface PasswordProps {
  readonly busy: boolean
  readonly onSignIn: (name: string, password: string) => Promise<void>
}

/** Name and password, closed until it is asked for; the password leaves memory when it was sent. */
export function Password({ busy, onSignIn }: PasswordProps) {
  const [name, setName] = useState('')
  const [password, setPassword] = useState('')
  return (
    <details className={styles.password}>
      <summary>Use a password</summary>
      <form
        onSubmit={(event) => {
          event.preventDefault()
          void onSignIn(name.trim(), password).finally(() => setPassword(''))
        }}
      >
        <Field
          label="Name"
          required
          autoComplete="username"
          value={name}
          onChange={(event) => setName(event.target.value)}
        />
        <Field
          label="Password"
          type="password"
          required
          autoComplete="current-password"
          value={password}
          onChange={(event) => setPassword(event.target.value)}
        />
        <Button type="submit" disabled={busy}>
          Sign in
        </Button>
      </form>
    </details>
  )
}

import { useState } from 'react'
import { post, Problem } from '../../api/client.ts'
import { Button } from '../../ui/button.tsx'
import { Field } from '../../ui/field.tsx'
import type { LinkView } from './link.ts'
import styles from './page.module.css'

interface RefusedProps {
  readonly problem: Problem
  readonly onLink: (link: LinkView) => void
}

/** No link, or one that does not work: how to get one, and the two codes that stand in for one. */
export function Refused({ problem, onLink }: RefusedProps) {
  const [refusal, setRefusal] = useState('')
  const redeem = async (path: string, body: object): Promise<void> => {
    try {
      onLink(await post<LinkView>(path, body))
    } catch (thrown) {
      if (!(thrown instanceof Problem)) throw thrown
      setRefusal(`${thrown.message} ${thrown.detail}`)
    }
  }
  return (
    <div className={styles.form}>
      <h1>This link does not work</h1>
      <p className={styles.lead} role="alert">
        {problem.message} {problem.detail}
      </p>
      <p>
        Run <code>sallyport setup-link</code> as the gateway’s user for a new one. A link works once, in one browser,
        for a few minutes.
      </p>
      <Code
        label="Pairing code, from Settings on your other device"
        onSend={(code) => redeem('/api/v1/setup/pair', { code })}
      />
      <Code named label="Recovery code" onSend={(code, name) => redeem('/api/v1/setup/recover', { code, name })} />
      <p role="status" className={styles.bad}>
        {refusal}
      </p>
    </div>
  )
}

interface CodeProps {
  readonly label: string
  readonly named?: boolean
  readonly onSend: (code: string, name: string) => Promise<void>
}

function Code({ label, named = false, onSend }: CodeProps) {
  const [name, setName] = useState('')
  const [code, setCode] = useState('')
  return (
    <form
      className={styles.code}
      onSubmit={(event) => {
        event.preventDefault()
        void onSend(code.trim(), name.trim())
      }}
    >
      {named && <Field label="Name" required value={name} onChange={(event) => setName(event.target.value)} />}
      <Field label={label} required value={code} onChange={(event) => setCode(event.target.value)} />
      <Button type="submit">Use the code</Button>
    </form>
  )
}

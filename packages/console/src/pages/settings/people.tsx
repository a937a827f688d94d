import { useState } from 'react'
import { post, Problem } from '../../api/client.ts'
import { useMay } from '../../api/me.ts'
import { refetch, useGet } from '../../api/query.ts'
import { useProve } from '../../presence/provider.tsx'
import { Button } from '../../ui/button.tsx'
import { Chip } from '../../ui/chip.tsx'
import { Copy } from '../../ui/copy.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { Field } from '../../ui/field.tsx'
import { Card } from '../../ui/screen.tsx'
import { Answered, Failure } from '../../ui/states.tsx'
import { when } from '../../ui/when.ts'
import styles from './page.module.css'

interface Person {
  readonly id: string
  readonly name: string
  readonly roles: readonly string[]
  readonly lastSeenAt: string | null
}

const ROLES = ['viewer', 'operator', 'approver', 'policy', 'admin'] as const

/** Who may do what here. Every change is an act of an admin who is there. */
export function People() {
  const list = useGet<{ items: readonly Person[] }>('/api/v1/people')
  const mayChange = useMay('admin')
  const [editing, setEditing] = useState<Person | 'new'>()
  return (
    <>
      <Answered of={list} failed="The people could not be loaded.">
        {({ items }) => (
          <Card
            title="People"
            flush
            aside={
              mayChange && (
                <Button small onClick={() => setEditing('new')}>
                  Add a person…
                </Button>
              )
            }
          >
            <ul className={styles.list}>
              {items.map((person) => (
                <li key={person.id}>
                  <div className={styles.words}>
                    <b>{person.name}</b>
                    <div className={styles.note}>
                      {person.lastSeenAt === null ? 'never here' : `last here ${when(person.lastSeenAt)}`}
                    </div>
                  </div>
                  <span className={styles.acts}>
                    {person.roles.map((role) => (
                      <Chip key={role}>{role}</Chip>
                    ))}
                  </span>
                  {mayChange && (
                    <Button small onClick={() => setEditing(person)}>
                      Change…
                    </Button>
                  )}
                </li>
              ))}
            </ul>
          </Card>
        )}
      </Answered>
      {editing !== undefined && <Edit person={editing} onClose={() => setEditing(undefined)} />}
    </>
  )
}

function Edit({ person, onClose }: { readonly person: Person | 'new'; readonly onClose: () => void }) {
  const prove = useProve()
  const fresh = person === 'new'
  const [name, setName] = useState(fresh ? '' : person.name)
  const [roles, setRoles] = useState<readonly string[]>(fresh ? ['viewer'] : person.roles)
  const [problem, setProblem] = useState<Problem>()
  const [link, setLink] = useState<string>()
  const act = async (path: string, kind: string, payload: object, body: object, question: string): Promise<boolean> => {
    setProblem(undefined)
    try {
      const proof = await prove(kind, payload, {
        title: question,
        sentence: CONSEQUENCE,
        button: 'Confirm with passkey',
      })
      if (proof === undefined) return false
      const answer = await post<{ url?: string }>(path, { ...body, proof })
      setLink(answer.url)
      await refetch('/api/v1/people')
      if (answer.url === undefined) onClose()
      return true
    } catch (thrown) {
      if (!(thrown instanceof Problem)) throw thrown
      setProblem(thrown)
      return false
    }
  }
  const path = `/api/v1/people/${encodeURIComponent(name)}`
  const save = (): Promise<boolean> =>
    fresh
      ? act('/api/v1/people', 'people.add', { name, roles }, { name, roles }, `Add ${name}?`)
      : act(`${path}/roles`, 'people.roles', { name, roles }, { roles }, `Change the roles of ${name}?`)
  return (
    <Dialog
      title={fresh ? 'Add a person' : person.name}
      onClose={onClose}
      actions={
        <>
          <Button onClick={onClose}>{link === undefined ? 'Cancel' : 'Close'}</Button>
          {!fresh && (
            <>
              <Button onClick={() => void act(`${path}/link`, 'people.link', { name }, {}, `Invite ${name} again?`)}>
                New invitation…
              </Button>
              <Button
                kind="stop"
                onClick={() => void act(`${path}/remove`, 'people.remove', { name }, {}, `Remove ${name} for good?`)}
              >
                Remove…
              </Button>
            </>
          )}
          <Button kind="ink" disabled={name === '' || roles.length === 0} onClick={() => void save()}>
            {fresh ? 'Add…' : 'Save roles…'}
          </Button>
        </>
      }
    >
      <form className={styles.form} onSubmit={(event) => event.preventDefault()}>
        {fresh && (
          <Field
            label="Name"
            note="Lower case, as it stands in the log."
            data-first
            value={name}
            onChange={(event) => setName(event.target.value)}
          />
        )}
        <fieldset>
          <legend>Roles</legend>
          <div className={styles.roles}>
            {ROLES.map((role) => (
              <label key={role}>
                <input
                  type="checkbox"
                  checked={roles.includes(role)}
                  onChange={() =>
                    setRoles(ROLES.filter((each) => (each === role ? !roles.includes(role) : roles.includes(each))))
                  }
                />
                {role}
              </label>
            ))}
          </div>
        </fieldset>
      </form>
      {link !== undefined && (
        <p>
          Their invitation works once. <Copy text={link} label="Copy the invitation" />
        </p>
      )}
      {problem !== undefined && <Failure what="Nothing was changed." problem={problem} />}
    </Dialog>
  )
}

const CONSEQUENCE = 'It takes effect at once, and stands in the log with your name.'

import { Link } from '@tanstack/react-router'
import { useState } from 'react'
import { serverNow } from '../../api/clock.ts'
import { post } from '../../api/client.ts'
import { useMay } from '../../api/me.ts'
import { refetch, useGet } from '../../api/query.ts'
import { useAct } from '../../ui/act.ts'
import { Button } from '../../ui/button.tsx'
import { Chip } from '../../ui/chip.tsx'
import { Copy } from '../../ui/copy.tsx'
import { Dialog } from '../../ui/dialog.tsx'
import { Facts } from '../../ui/facts.tsx'
import { Field } from '../../ui/field.tsx'
import { Card } from '../../ui/screen.tsx'
import { Answered, Failure } from '../../ui/states.tsx'
import { person, span, when } from '../../ui/when.ts'
import { Add } from './add.tsx'
import { lived, type Event, type Secret, type SecretStory } from './model.ts'
import styles from '../../ui/detail.module.css'

/** One secret: where it is put, who used it, what became of it. There is no way to see its value. */
export function SecretView({ name, secret }: { readonly name: string; readonly secret: Secret | undefined }) {
  const story = useGet<SecretStory>(`/api/v1/vault-usage/${name}`, {}, { topics: ['credentials'] })
  const [dialog, setDialog] = useState<'rotate' | 'revoke'>()
  const may = useMay('admin')
  return (
    <div className={styles.stack}>
      <header className={styles.head}>
        <h2>{name}</h2>
        {secret?.state === 'revoked' && <Chip>revoked</Chip>}
        {secret !== undefined && secret.state === 'active' && (
          <>
            <Button small disabled={!may} onClick={() => setDialog('rotate')}>
              Rotate…
            </Button>
            <Button small kind="stop" disabled={!may} onClick={() => setDialog('revoke')}>
              Revoke…
            </Button>
          </>
        )}
        <Copy text={`sallyport vault show ${name}`} label="Copy command" />
      </header>
      {secret !== undefined && <Life secret={secret} />}
      <Answered of={story} failed="What became of it could not be loaded.">
        {(data) => <Story story={data} />}
      </Answered>
      {dialog === 'rotate' && secret !== undefined && <Add of={secret} onClose={() => setDialog(undefined)} />}
      {dialog === 'revoke' && <Revoke name={name} onClose={() => setDialog(undefined)} />}
    </div>
  )
}

function Life({ secret }: { readonly secret: Secret }) {
  const share = lived(secret, serverNow())
  return (
    <Card>
      <Facts
        facts={[
          { label: 'Version', value: secret.version, note: `set ${when(secret.createdAt)} by ${person(secret.by)}` },
          {
            label: share >= 1 ? 'Ended' : 'Ends in',
            value: share >= 1 ? when(secret.expiresAt) : span(secret.expiresAt - serverNow()),
            note: `${Math.round(Math.min(1, share) * 100)} % of its life`,
            odd: share >= 0.75,
          },
          { label: 'Fingerprint', value: <code>…{secret.fingerprint.slice(-4)}</code>, note: secret.type },
          { label: 'Last use', value: when(secret.lastUsedAt), note: secret.usedBy.join(', ') || 'used by nothing' },
        ]}
      />
    </Card>
  )
}

function Story({ story: { changes, uses, credentials, isComplete } }: { readonly story: SecretStory }) {
  return (
    <>
      {credentials.map(({ name, hosts, form, agents, category, permissions }) => (
        <Card key={name} title={<code>{name}</code>} aside={category}>
          <dl className={styles.list}>
            <dt>Put in</dt>
            <dd>
              {form} on <code>{hosts.join(', ')}</code>
            </dd>
            <dt>For</dt>
            <dd>{agents.length === 0 ? 'nobody' : agents.join(', ')}</dd>
            {permissions.length > 0 && (
              <>
                <dt>May</dt>
                <dd>{permissions.join(', ')}</dd>
              </>
            )}
          </dl>
        </Card>
      ))}
      <Events title="What became of it" events={changes} none="Nothing in 30 days." />
      <Events title={isComplete ? 'Uses' : 'Newest uses'} events={uses} none="Nobody used it in 30 days." />
    </>
  )
}

function Events({
  title,
  events,
  none,
}: {
  readonly title: string
  readonly events: readonly Event[]
  readonly none: string
}) {
  return (
    <Card title={title} flush>
      {events.length === 0 ? (
        <p className={styles.note}>{none}</p>
      ) : (
        <ol className={styles.rows}>
          {events.map(({ at, operation, success, by, version, host, error, reason, auditId }) => (
            <li key={auditId + at}>
              <Link to={`/log/${auditId}`}>{when(at)}</Link>
              <strong>{operation.replaceAll('_', ' ')}</strong>
              <span className={styles.grow}>
                {person(by)} {host !== '' && <code>{host}</code>} {reason}
              </span>
              {version !== '' && <span className={styles.quiet}>version {version}</span>}
              {!success && <Chip tone="deny">{error === '' ? 'refused' : error}</Chip>}
            </li>
          ))}
        </ol>
      )}
    </Card>
  )
}

function Revoke({ name, onClose }: { readonly name: string; readonly onClose: () => void }) {
  const [reason, setReason] = useState('')
  const act = useAct()
  const revoke = async (): Promise<void> => {
    await post(`/api/v1/vault/${name}/revoke`, { reason })
    await refetch('/api/v1/vault')
    onClose()
  }
  return (
    <Dialog
      title={`Revoke ${name}`}
      onClose={onClose}
      actions={
        <>
          <Button onClick={onClose}>Keep it</Button>
          <Button kind="ink" disabled={act.busy} onClick={() => act.run(revoke)}>
            Revoke {name}
          </Button>
        </>
      }
    >
      <p>It ends for good, and what is on its way with it is cut. Nothing at the service itself is changed.</p>
      <Field
        label="Reason, optional"
        value={reason}
        maxLength={500}
        onChange={(event) => setReason(event.target.value)}
      />
      {act.problem !== undefined && <Failure what="It was not revoked." problem={act.problem} />}
    </Dialog>
  )
}

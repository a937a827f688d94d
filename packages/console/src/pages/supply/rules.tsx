import { Fingerprint } from 'lucide-react'
import { useState } from 'react'
import { useLive } from '../../api/live.ts'
import { post } from '../../api/client.ts'
import { useMay } from '../../api/me.ts'
import { refetch } from '../../api/query.ts'
import { useProve } from '../../presence/provider.tsx'
import { useAct } from '../../ui/act.ts'
import { Button } from '../../ui/button.tsx'
import { Copy } from '../../ui/copy.tsx'
import { Field } from '../../ui/field.tsx'
import { Card } from '../../ui/screen.tsx'
import { Failure } from '../../ui/states.tsx'
import { Value } from '../../ui/value.tsx'
import { person, when } from '../../ui/when.ts'
import { AddAllow } from './add-allow.tsx'
import { shortHash, type AllowRule, type BlockRule, type Skills } from './model.ts'
import styles from '../../ui/detail.module.css'
import own from './supply.module.css'

/** What is never let in, and what is let in without a review: asked before any scan, in this order. */
export function Rules({ block, allow }: Pick<Skills, 'block' | 'allow'>) {
  const may = useMay('policy')
  const [adding, setAdding] = useState(false)
  return (
    <>
      <header className={styles.head}>
        <h2>Block list and allow list</h2>
        <Button
          small
          disabled={!may}
          title={may ? undefined : 'Lists are changed by policy or admin.'}
          onClick={() => setAdding(true)}
        >
          Let one in without a review…
        </Button>
      </header>
      {adding && <AddAllow onClose={() => setAdding(false)} />}
      <p className={own.said}>Both are asked before the scan: first what is blocked, then what is allowed.</p>
      <div className={styles.stack}>
        <Card
          flush
          title="Never let in"
          aside={<Copy text="sallyport skills block NAME --reason WHY" label="Copy command" />}
        >
          {block.length === 0 ? (
            <p className={styles.note}>Nothing is blocked.</p>
          ) : (
            <ul className={styles.rows}>
              {block.map((rule) => (
                <Blocked key={`${rule.name} ${rule.hash} ${rule.publisher}`} rule={rule} may={may} />
              ))}
            </ul>
          )}
        </Card>
        <Card flush title="Let in without a review" aside="exactly these bytes, from exactly there">
          {allow.length === 0 ? (
            <p className={styles.note}>Nothing is let in without a review.</p>
          ) : (
            <ul className={styles.rows}>
              {allow.map((rule) => (
                <Allowed key={`${rule.name} ${rule.hash} ${rule.source}`} rule={rule} />
              ))}
            </ul>
          )}
        </Card>
      </div>
    </>
  )
}

function Blocked({ rule, may }: { readonly rule: BlockRule; readonly may: boolean }) {
  const { name, hash, publisher, by, reason, at } = rule
  const prove = useProve()
  const connected = useLive().kind === 'live'
  const act = useAct()
  const [open, setOpen] = useState(false)
  const [typed, setWhy] = useState('')
  const why = typed.trim()
  const said = [name, hash === undefined ? undefined : shortHash(hash), publisher].filter((one) => one !== undefined)
  const take = async (): Promise<void> => {
    const asked = {
      ...(name === undefined ? {} : { name }),
      ...(hash === undefined ? {} : { hash }),
      ...(publisher === undefined ? {} : { publisher }),
      reason: why,
    }
    const proof = await prove('skill.unblock', asked, {
      title: `Take ${said.join(', ')} off the block list`,
      sentence: <p>What it put out of force stays so until a person reviews it.</p>,
      button: 'Take off with passkey',
    })
    if (proof === undefined) return
    await post('/api/v1/skill-rules/unblock', { ...asked, proof })
    await refetch('/api/v1/skills')
  }
  return (
    <>
      <li>
        <div className={styles.grow}>
          <Part label="Name" value={name} />
          <Part label="Publisher" value={publisher} />
          <Part label="Hash" value={hash === undefined ? undefined : shortHash(hash)} />
          <p>
            <Value text={reason} foldAt={200} />
          </p>
        </div>
        <Who by={by} at={at} />
        <Button
          small
          aria-expanded={open}
          disabled={!may || !connected}
          title={may ? undefined : 'Lists are changed by policy or admin.'}
          onClick={() => setOpen(!open)}
        >
          Take off…
        </Button>
      </li>
      {open && (
        <li>
          <div className={styles.grow}>
            <Field
              label="Why it may come off"
              value={typed}
              maxLength={500}
              onChange={(event) => setWhy(event.target.value)}
            />
            {act.problem !== undefined && <Failure what="Nothing was changed." problem={act.problem} />}
          </div>
          <Button
            icon={<Fingerprint size={16} strokeWidth={1.75} aria-hidden="true" />}
            disabled={why.length < 3 || act.busy}
            onClick={() => act.run(take)}
          >
            Take it off…
          </Button>
        </li>
      )}
    </>
  )
}

function Allowed({ rule: { name, hash, source, to, by, reason, at } }: { readonly rule: AllowRule }) {
  return (
    <li>
      <div className={styles.grow}>
        <Part label="Name" value={name} />
        <Part label="Hash" value={shortHash(hash)} />
        <Part label="From" value={source} />
        <span className={own.part}>
          <span className={styles.quiet}>Serves</span>{' '}
          {to === 'external' ? 'everybody, after agents inside' : 'agents inside'}
        </span>
        <p>
          <Value text={reason} foldAt={200} />
        </p>
      </div>
      <Who by={by} at={at} />
      <Copy text={`sallyport skills disallow ${name}`} label="Copy command" />
    </li>
  )
}

function Part({ label, value }: { readonly label: string; readonly value: string | undefined }) {
  return value === undefined ? null : (
    <span className={own.part}>
      <span className={styles.quiet}>{label}</span> <Value text={value} />
    </span>
  )
}

const Who = ({ by, at }: { readonly by: string; readonly at: number }) => (
  <span className={styles.quiet}>
    {person(by)}, {when(at)}
  </span>
)

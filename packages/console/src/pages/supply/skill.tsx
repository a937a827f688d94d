import { ShieldX } from 'lucide-react'
import { useRef } from 'react'
import { useGet } from '../../api/query.ts'
import { Chip, type Tone } from '../../ui/chip.tsx'
import { Copy } from '../../ui/copy.tsx'
import { Facts } from '../../ui/facts.tsx'
import { Card } from '../../ui/screen.tsx'
import { Answered } from '../../ui/states.tsx'
import { Value } from '../../ui/value.tsx'
import { when } from '../../ui/when.ts'
import { ChangesView } from './changes.tsx'
import { Decide } from './decide.tsx'
import { Findings } from './findings.tsx'
import { History } from './history.tsx'
import { bySeverity } from '../../ui/severities.ts'
import { counted, SERVES, shortHash, STATES, type SkillReview } from './model.ts'
import { Provenance } from './provenance.tsx'
import { Rights } from './rights.tsx'
import styles from '../../ui/detail.module.css'
import own from './supply.module.css'

const TONES: Readonly<Record<SkillReview['version']['state'], Tone>> = {
  ...{ pending_review: 'ask', disabled: 'solid', internal: 'grey', external: 'grey', refused: 'deny' },
}

const VERDICTS: Readonly<Record<SkillReview['version']['verdict'], string>> = {
  allow: 'nothing grave',
  ask: 'the scan held it',
  block: 'the scan refused it',
  failed: 'the scan was not whole',
}

/** One version of a skill with everything a review looks at. Without a hash: what waits, else what is in force. */
export function SkillView({ name, hash }: { readonly name: string; readonly hash: string | undefined }) {
  const review = useGet<SkillReview>(`/api/v1/skills/${encodeURIComponent(name)}`, hash === undefined ? {} : { hash }, {
    topics: ['alerts'],
    every: 15_000,
  })
  return (
    <Answered of={review} failed="The skill could not be loaded.">
      {(data) => <Detail review={data} />}
    </Answered>
  )
}

function Detail({ review }: { readonly review: SkillReview }) {
  const { name, version, serves, against } = review
  const { state, hash, findings, found, verdict, history } = version
  const isOut = state === 'disabled' || state === 'refused'
  const last = history.at(-1)
  const head = useRef<HTMLHeadingElement>(null)
  return (
    <>
      <header className={styles.head}>
        <h2 ref={head} tabIndex={-1}>
          {version.version === undefined ? name : `${name} ${version.version}`}
        </h2>
        <Chip tone={TONES[state]}>{STATES[state]}</Chip>
        <code className={styles.quiet} title={hash}>
          {shortHash(hash)}
        </code>
        <Copy text={`sallyport skills review ${name} --hash ${shortHash(hash)}`} label="Copy command" />
      </header>
      {isOut || verdict === 'failed' ? (
        <div className={styles.banner} role="status">
          <ShieldX size={16} strokeWidth={1.75} aria-hidden="true" />
          <p>
            <strong>{sentence(review)}</strong> {verdict === 'failed' && 'It was not scanned completely. '}
            {last !== undefined && <Value text={last.reason} foldAt={400} />}
          </p>
        </div>
      ) : (
        <p className={own.said} role="status">
          {sentence(review)}
        </p>
      )}
      <div className={styles.stack}>
        <Card>
          <Facts
            facts={[
              {
                label: 'Serves',
                value: SERVES[serves],
                note: serves === 'nobody' ? 'no agent loads it' : 'confined, with real data',
              },
              {
                label: 'Found',
                value: verdict === 'failed' ? 'not known' : found === 0 ? 'nothing' : bySeverity(findings),
                note: found > findings.length ? `the worst ${findings.length} of ${found}` : VERDICTS[verdict],
                odd: verdict !== 'allow',
              },
              {
                label: 'Asks a person',
                value: version.requiresApproval ? 'for what it does' : 'no',
                note: version.requiresApproval ? 'each time it acts' : 'policy alone decides',
              },
              { label: 'So since', value: when(last?.at), note: counted(version.files.length, 'file') },
            ]}
          />
        </Card>
        {against !== undefined && <ChangesView against={against.hash} changes={against.changes} />}
        <Findings name={name} version={version} />
        <Rights version={version} />
        <Provenance version={version} />
        <Decide key={`${hash} ${state}`} review={review} onDone={() => head.current?.focus()} />
        <History review={review} />
      </div>
    </>
  )
}

function sentence({ version: { state }, serves }: SkillReview): string {
  if (state === 'pending_review') return 'Waits for a review. No agent loads it until a person lets it in.'
  if (state === 'disabled') return 'It is off. No agent loads it until a person reviews it again.'
  if (state === 'refused') return 'It was refused. No agent loads it.'
  if (serves === 'nobody') return 'It was let in, and another version is in force now.'
  return serves === 'everybody'
    ? 'It serves agents inside and those that visitors talk to.'
    : 'It serves agents inside, not those that visitors talk to.'
}

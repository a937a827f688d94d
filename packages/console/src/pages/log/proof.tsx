import { BadgeCheck, CircleDashed, Download, ShieldX } from 'lucide-react'
import { Link } from '@tanstack/react-router'
import { useQuery } from '@tanstack/react-query'
import { useGet } from '../../api/query.ts'
import { Button } from '../../ui/button.tsx'
import { Chip } from '../../ui/chip.tsx'
import { Copy } from '../../ui/copy.tsx'
import { short } from './model.ts'
import { save } from './save.ts'
import styles from './proof.module.css'
import { verifyProof, type Proof, type Verified } from './verify-proof.ts'

/** The Merkle proof of a record, checked in this browser and not believed from the gateway. */
export function ProofBlock({ id, auditId }: { readonly id: string; readonly auditId: string }) {
  const { data, error } = useGet<{ items: readonly Proof[] }>(`/api/v1/log/records/${encodeURIComponent(id)}/proof`)
  const proof = data?.items[0]
  const { data: verified } = useQuery<Verified>({
    // what is checked is this very proof, to the last character
    queryKey: ['verified', JSON.stringify(proof)],
    queryFn: () => verifyProof(proof as Proof),
    enabled: proof !== undefined,
    staleTime: Number.POSITIVE_INFINITY,
  })
  return (
    <section className={styles.block} aria-label="Proof" id="proof">
      <header>
        <h3>Proof</h3>
        <ProofChip verified={verified} pending={error === null} />
      </header>
      {proof !== undefined && (
        <div className={styles.card}>
          <dl>
            <div>
              <dt>Stream, index</dt>
              <dd>
                {proof.record.stream} · {proof.record.seq.toLocaleString('en-GB')}
              </dd>
            </div>
            <div>
              <dt>Record hash</dt>
              <dd>{short(proof.record.hash)}</dd>
            </div>
            {verified?.ok === true && (
              <>
                <div>
                  <dt>Checkpoint</dt>
                  <dd>
                    {verified.size.toLocaleString('en-GB')} · {new Date(verified.at).toISOString().slice(11, 19)}
                  </dd>
                </div>
                <div>
                  <dt>Signed by</dt>
                  <dd>{verified.signer}</dd>
                </div>
              </>
            )}
          </dl>
          <PathTree proof={proof} good={verified?.ok === true} />
          <div className={styles.actions}>
            <Button
              small
              icon={<Download size={14} aria-hidden="true" />}
              onClick={() =>
                save(JSON.stringify(proof, null, 1), `proof-${proof.record.stream}-${proof.record.seq}.json`)
              }
            >
              Proof file
            </Button>
            <Copy text={`sallyport log prove ${auditId || id}`} label="Copy command" />
          </div>
        </div>
      )}
      {verified?.ok === false && (
        <p className={styles.bad} role="alert">
          This record does not verify: {verified.why}. <Link to="/alerts">Open alerts</Link>
        </p>
      )}
    </section>
  )
}

function ProofChip({ verified, pending }: { readonly verified: Verified | undefined; readonly pending: boolean }) {
  if (verified === undefined) {
    return <Chip icon={<CircleDashed size={14} aria-hidden="true" />}>{pending ? 'checking' : 'not sealed yet'}</Chip>
  }
  if (!verified.ok) {
    return (
      <Chip tone="solid" icon={<ShieldX size={14} aria-hidden="true" />}>
        does not verify
      </Chip>
    )
  }
  return (
    <Chip tone="allow" icon={<BadgeCheck size={14} aria-hidden="true" />}>
      verified here, {Math.max(1, Math.round(verified.ms))} ms
    </Chip>
  )
}

/** Levels that are drawn: the record below, the signed root on top, dots where more lie between. */
const DRAWN = 3

/** The path from the record to the signed root as a small tree: path teal, siblings blue. */
function PathTree({ proof, good }: { readonly proof: Proof; readonly good: boolean }) {
  const levels = proof.path.length
  const drawn = Math.min(levels, DRAWN)
  const y = (level: number): number => 16 + (drawn - level) * 34
  let x = 150
  const nodes = [{ x, level: 0 }]
  const siblings: { x: number; level: number; parent: number }[] = []
  for (let level = 0; level < drawn; level++) {
    const isRight = Math.floor(proof.index / 2 ** level) % 2 === 1
    const step = 26 + level * 14
    const parent = x + (isRight ? -step : step)
    siblings.push({ x: parent + (isRight ? -step : step), level, parent })
    x = parent
    nodes.push({ x, level: level + 1 })
  }
  const root = nodes.at(-1)
  return (
    <figure className={styles.tree}>
      <figcaption className="hidden-text">
        {levels} steps from the record to the signed root, {good ? 'all of them right' : 'not verified'}.
      </figcaption>
      <svg viewBox={`0 0 320 ${y(0) + 20}`} aria-hidden="true">
        {siblings.map(({ x: at, level, parent }) => (
          <line key={`s${level}`} x1={at} y1={y(level)} x2={parent} y2={y(level + 1)} className={styles.faint} />
        ))}
        {nodes.slice(1).map(({ x: at, level }, i) => (
          <line
            key={level}
            x1={nodes[i]?.x}
            y1={y(level - 1)}
            x2={at}
            y2={y(level)}
            className={good ? styles.path : styles.unsure}
          />
        ))}
        {siblings.map(({ x: at, level }) => (
          <rect
            key={`b${level}`}
            x={at - 6}
            y={y(level) - 5}
            width={12}
            height={10}
            rx={3}
            className={styles.sibling}
          />
        ))}
        {nodes.map(({ x: at, level }) => (
          <rect
            key={level}
            x={at - 7}
            y={y(level) - 6}
            width={14}
            height={12}
            rx={3}
            className={level === 0 ? styles.own : good ? styles.on : styles.off}
          />
        ))}
        {root !== undefined && (
          <text x={root.x + 14} y={y(root.level) + 4}>
            {levels > DRAWN ? `signed root, ${levels - DRAWN} levels up` : 'signed root'}
          </text>
        )}
        <text x={proof.index % 2 === 1 ? 164 : 136} y={y(0) + 4} textAnchor={proof.index % 2 === 1 ? 'start' : 'end'}>
          this record
        </text>
      </svg>
    </figure>
  )
}

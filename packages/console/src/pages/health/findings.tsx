import { Link } from '@tanstack/react-router'
import { Copy } from '../../ui/copy.tsx'
import { Card } from '../../ui/screen.tsx'
import { bySeverity } from '../../ui/severities.ts'
import { SeverityChip } from '../../ui/severity.tsx'
import { Empty } from '../../ui/states.tsx'
import type { Finding } from './model.ts'
import styles from './page.module.css'

const PLACES: Readonly<Record<string, string>> = {
  '/agents': 'Open agents',
  '/alerts': 'Open alerts',
  '/credentials': 'Open credentials',
  '/egress': 'Open egress',
  '/log': 'Open the log',
  '/policies': 'Open policies',
  '/supply': 'Open supply chain',
  '/tools': 'Open tools',
}
/** As many are shown by area. */
const MANY = 6
const AREAS: Readonly<Record<string, string>> = {
  identity: 'Identity',
  isolation: 'Isolation',
  network: 'Network',
  policy: 'Policy',
  log: 'Log',
  secrets: 'Secrets',
  tools: 'Tools and skills',
  alerts: 'Alerts',
  people: 'People',
  config: 'Configuration and files',
}
/** Findings of `sallyport security audit` have a section each in the reference. */
const AUDIT = /^posture\.([a-z0-9]+\.[a-z0-9_]+)\./
const docsOf = (id: string): string | undefined => {
  const check = AUDIT.exec(id)?.[1]
  return check === undefined ? undefined : `docs/reference/posture.md#${check.replace('.', '')}`
}
const COMMAND = /^(?:sallyport|chmod|chown) \S/

/** What to do about it, worst first; by area where there are many. */
export function Findings({ findings }: { readonly findings: readonly Finding[] }) {
  return (
    <Card title="To fix" aside={findings.length === 0 ? undefined : counts(findings)} flush>
      {findings.length === 0 ? (
        <Empty>Nothing to fix. Everything that could be looked at works as intended.</Empty>
      ) : findings.length < MANY ? (
        <Rows findings={findings} />
      ) : (
        areasOf(findings).map(([area, own]) => (
          <section key={area} aria-label={AREAS[area] ?? area}>
            <h3 className={styles.area}>
              {AREAS[area] ?? area} <span>{bySeverity(own)}</span>
            </h3>
            <Rows findings={own} />
          </section>
        ))
      )}
    </Card>
  )
}

const Rows = ({ findings }: { readonly findings: readonly Finding[] }) => (
  <ul>
    {findings.map((finding) => (
      <Row key={finding.id} finding={finding} />
    ))}
  </ul>
)

function counts(findings: readonly Finding[]): string {
  if (findings.length >= MANY) return bySeverity(findings)
  return findings.length === 1 ? '1 finding' : `${findings.length} findings`
}

/** The areas in the order of their worst finding: the list comes worst first. */
function areasOf(findings: readonly Finding[]): readonly (readonly [string, readonly Finding[]])[] {
  const areas = new Map<string, Finding[]>()
  for (const finding of findings) areas.set(finding.category, [...(areas.get(finding.category) ?? []), finding])
  return [...areas]
}

function Row({ finding: { id, severity, title, why, next, page, cost } }: { readonly finding: Finding }) {
  const isCommand = COMMAND.test(next)
  const docs = docsOf(id)
  return (
    <li className={styles.finding}>
      <div className={styles.grade}>
        <SeverityChip severity={severity} />
      </div>
      <div className={styles.what}>
        <h3>{title}</h3>
        <p>
          {!title.endsWith(why) && why} {cost === 0 ? 'Costs nothing.' : `Costs ${cost}.`}
        </p>
        {isCommand ? (
          <p className={styles.command}>
            <code>{next}</code>
            <Copy text={next} label="Copy command" iconOnly />
          </p>
        ) : (
          <p>{/[.!?]$/.test(next) ? next : `${next}.`}</p>
        )}
        {docs !== undefined && (
          <p className={styles.docs}>
            Documentation: <code>{docs}</code>
          </p>
        )}
      </div>
      {page !== undefined && (
        <Link to={page} className={styles.go}>
          {PLACES[page] ?? 'Open'}
        </Link>
      )}
    </li>
  )
}

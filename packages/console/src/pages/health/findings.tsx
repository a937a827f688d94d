import { CircleAlert, Info, OctagonAlert, TriangleAlert, type LucideIcon } from 'lucide-react'
import { Link } from '@tanstack/react-router'
import { Chip, type Tone } from '../../ui/chip.tsx'
import { Copy } from '../../ui/copy.tsx'
import { Card } from '../../ui/screen.tsx'
import { Empty } from '../../ui/states.tsx'
import type { Finding, Severity } from './model.ts'
import styles from './page.module.css'

const LOOKS: Readonly<Record<Severity, readonly [string, LucideIcon, Tone]>> = {
  critical: ['Critical', OctagonAlert, 'solid'],
  high: ['High', CircleAlert, 'deny'],
  medium: ['Medium', TriangleAlert, 'ask'],
  low: ['Low', Info, 'grey'],
  info: ['Info', Info, 'grey'],
}
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
              {AREAS[area] ?? area} <span>{grades(own)}</span>
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
  if (findings.length >= MANY) return grades(findings)
  return findings.length === 1 ? '1 finding' : `${findings.length} findings`
}

/** `1 critical, 2 low` */
const grades = (findings: readonly Finding[]): string =>
  (Object.keys(LOOKS) as Severity[])
    .flatMap((each) => {
      const count = findings.filter(({ severity }) => severity === each).length
      return count === 0 ? [] : [`${count} ${each}`]
    })
    .join(', ')

/** The areas in the order of their worst finding: the list comes worst first. */
function areasOf(findings: readonly Finding[]): readonly (readonly [string, readonly Finding[]])[] {
  const areas = new Map<string, Finding[]>()
  for (const finding of findings) areas.set(finding.category, [...(areas.get(finding.category) ?? []), finding])
  return [...areas]
}

function Row({ finding: { id, severity, title, why, next, page, cost } }: { readonly finding: Finding }) {
  const [word, Icon, tone] = LOOKS[severity]
  const isCommand = COMMAND.test(next)
  const docs = docsOf(id)
  return (
    <li className={styles.finding}>
      <div className={styles.grade}>
        <Chip tone={tone} icon={<Icon size={14} strokeWidth={1.75} aria-hidden="true" />}>
          {word}
        </Chip>
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

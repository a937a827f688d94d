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
  '/tools': 'Open tools',
}
const COMMAND = /^(?:sallyport|chmod) \S/

/** What to do about it, worst first. */
export function Findings({ findings }: { readonly findings: readonly Finding[] }) {
  const count = findings.length === 1 ? '1 finding' : `${findings.length} findings`
  return (
    <Card title="To fix" aside={findings.length === 0 ? undefined : count} flush>
      {findings.length === 0 ? (
        <Empty>Nothing to fix. Everything that could be looked at works as intended.</Empty>
      ) : (
        <ul>
          {findings.map((finding) => (
            <Row key={finding.id} finding={finding} />
          ))}
        </ul>
      )}
    </Card>
  )
}

function Row({ finding: { severity, title, why, next, page, cost } }: { readonly finding: Finding }) {
  const [word, Icon, tone] = LOOKS[severity]
  const isCommand = COMMAND.test(next)
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
          {why} {cost === 0 ? 'Costs nothing.' : `Costs ${cost}.`}
        </p>
        {isCommand ? (
          <p className={styles.command}>
            <code>{next}</code>
            <Copy text={next} label="Copy command" iconOnly />
          </p>
        ) : (
          <p>{next}.</p>
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

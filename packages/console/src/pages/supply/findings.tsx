import { Copy } from '../../ui/copy.tsx'
import { Card } from '../../ui/screen.tsx'
import { Value } from '../../ui/value.tsx'
import { shortHash, type Finding, type SkillVersion } from './model.ts'
import { bySeverity } from '../../ui/severities.ts'
import { SeverityChip } from '../../ui/severity.tsx'
import styles from './supply.module.css'

/** What the scan found, worst first, each with its place, why it matters and how to mend it. */
export function Findings({ name, version }: { readonly name: string; readonly version: SkillVersion }) {
  const { findings, found, verdict, hash } = version
  return (
    <Card title="Findings" aside={found === 0 ? undefined : bySeverity(findings)} flush>
      {found === 0 ? (
        <p className={styles.note}>
          {verdict === 'failed'
            ? 'Not scanned completely, so what is in it is not known.'
            : 'The scan found nothing. It does not say that the skill is good.'}
        </p>
      ) : (
        <ul>
          {findings.map((finding, at) => (
            <Row key={at} finding={finding} />
          ))}
        </ul>
      )}
      {found > findings.length && (
        <p className={styles.note}>
          {found - findings.length} more are not shown.{' '}
          <Copy text={`sallyport skills show ${name} --hash ${shortHash(hash)} --json`} label="Copy command" />
        </p>
      )}
    </Card>
  )
}

function Row({ finding: { severity, title, file, line, evidence, why, fix, id } }: { readonly finding: Finding }) {
  return (
    <li className={styles.finding}>
      <div>
        <SeverityChip severity={severity} />
      </div>
      <div className={styles.what}>
        <h3>{`${title.slice(0, 1).toUpperCase()}${title.slice(1)}`}</h3>
        <p className={styles.place}>
          <Value text={file === '' ? 'the whole' : `${file}:${line}`} /> <code>{id}</code>
        </p>
        {evidence !== '' && (
          <p className={styles.evidence}>
            <Value text={evidence} foldAt={240} />
          </p>
        )}
        <p>
          {why} {fix}
        </p>
      </div>
    </li>
  )
}

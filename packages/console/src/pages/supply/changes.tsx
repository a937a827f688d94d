import { Card } from '../../ui/screen.tsx'
import { LineDiff } from '../../ui/line-diff.tsx'
import { Value } from '../../ui/value.tsx'
import { CAN, shortHash, type Changes } from './model.ts'
import { SeverityChip } from '../../ui/severity.tsx'
import styles from '../../ui/detail.module.css'

/** What is different from the version in force, most telling first: what it can do now, what is found now, then files and lines. */
export function ChangesView({ against, changes }: { readonly against: string; readonly changes: Changes }) {
  const { gained, lost, findings, parts, texts } = changes
  const paths = [
    ['Added', changes.added],
    ['Removed', changes.removed],
    ['Changed', changes.changed],
    ['May be run, or no longer', changes.modes],
  ] as const
  return (
    <Card
      flush
      title="What is different"
      aside={
        <>
          from <code title={against}>{shortHash(against)}</code>, which was reviewed
        </>
      }
    >
      <ul className={styles.rows}>
        {gained.map((each) => (
          <li key={each}>
            <strong className={styles.bad}>Now {CAN[each]}</strong>
          </li>
        ))}
        {findings.map(({ id, severity, file, line, evidence }, at) => (
          <li key={at}>
            <SeverityChip severity={severity} />
            <Value text={`${file}:${line}`} />
            <span className={styles.grow}>
              <Value text={evidence} foldAt={160} />
            </span>
            <code className={styles.quiet}>{id}</code>
          </li>
        ))}
        {lost.map((each) => (
          <li key={each}>No longer {CAN[each]}</li>
        ))}
        {paths
          .filter(([, files]) => files.length > 0)
          .map(([words, files]) => (
            <li key={words}>
              <strong>{words}</strong>
              <span className={styles.grow}>
                <Value text={files.join(', ')} foldAt={300} />
              </span>
            </li>
          ))}
        {parts.length > 0 && <li className={styles.quiet}>Parts that changed: {parts.join(', ')}</li>}
      </ul>
      {texts.map(({ path, lines }) => (
        <TextChange key={path} path={path} lines={lines} />
      ))}
      {texts.length === 0 && (
        <p className={styles.note}>Its text cannot be compared: no copy of one of the two is kept.</p>
      )}
    </Card>
  )
}

function TextChange({ path, lines }: { readonly path: string; readonly lines: readonly string[] }) {
  const said = lines.filter((line) => /^[-+ ] /.test(line))
  const side = (other: string): string =>
    said
      .filter((line) => !line.startsWith(other))
      .map((line) => line.slice(2))
      .join('\n')
  const left = lines.length - said.length
  return (
    <>
      <h3 className={styles.part}>
        <Value text={path} />
      </h3>
      <LineDiff risky before={side('+ ')} after={side('- ')} />
      {left > 0 && <p className={styles.note}>More changed in it than is shown here.</p>}
    </>
  )
}

import { Copy } from '../../ui/copy.tsx'
import { Labels, type LabelPair } from '../../ui/labels.tsx'
import { FactRows, type FactRow } from './fact-rows.tsx'
import { outcomeWords, short, text, type Json, type Members } from './model.ts'
import styles from './record.module.css'

const membersOf = (value: Json | undefined): Members =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Members) : {}
const listOf = (value: Json | undefined): readonly Members[] =>
  Array.isArray(value) ? (value as readonly Json[]).map(membersOf) : []
const numberOf = (value: Json | undefined): number | undefined => (typeof value === 'number' ? value : undefined)

/** What is known of a result. Its text is not in the log: only the agent got it. */
export function Returned({ outcome }: { readonly outcome: Members }) {
  const inspection = membersOf(outcome['inspection'])
  const labels = membersOf(outcome['labels']) as LabelPair
  const digest = text(outcome, 'resultDigest')
  const size = numberOf(outcome['resultSize']) ?? numberOf(inspection['sizeAfter'])
  const took = numberOf(outcome['durationMs'])
  const rows: readonly FactRow[] = [
    ['Outcome', outcomeWords(text(outcome, 'outcome'), took)],
    ['Code', text(outcome, 'errorType') !== '' && <code>{text(outcome, 'errorType')}</code>],
    ['Size', size !== undefined && `${size.toLocaleString('en-GB')} characters`],
    ['Gate', findingWords(listOf(inspection['findings']))],
    ['Taken out', redactedWords(numberOf(outcome['redactions']) ?? 0, listOf(outcome['redacted']))],
    ['Carries after', labels.integrity !== undefined && <Labels {...labels} />],
    [
      'SHA-256',
      digest !== '' && (
        <span className={styles.digest}>
          <code>{short(digest)}</code>
          <Copy text={digest} label="Copy digest" iconOnly />
        </span>
      ),
    ],
  ]
  return (
    <>
      <FactRows rows={rows} />
      {digest !== '' && (
        <p className={styles.note}>
          The text went to the agent and is not kept. A copy of it can be compared by this digest.
        </p>
      )}
    </>
  )
}

/** `2 findings, high: inj.override, hid.tags` */
function findingWords(findings: readonly Members[]): string {
  const [first] = findings
  if (first === undefined) return ''
  const rules = [...new Set(findings.map((each) => text(each, 'rule')))].slice(0, 4).join(', ')
  return `${findings.length} ${findings.length === 1 ? 'finding' : 'findings'}, ${text(first, 'severity')}: ${rules}`
}

/** `2 secrets: github-token` */
function redactedWords(n: number, redacted: readonly Members[]): string {
  if (n === 0) return ''
  const kinds = [...new Set(redacted.map((each) => text(each, 'type')))].slice(0, 4).join(', ')
  return `${n} ${n === 1 ? 'secret' : 'secrets'}${kinds === '' ? '' : `: ${kinds}`}`
}

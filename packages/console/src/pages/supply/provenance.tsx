import { Chip } from '../../ui/chip.tsx'
import { Card } from '../../ui/screen.tsx'
import { Copy } from '../../ui/copy.tsx'
import { Value } from '../../ui/value.tsx'
import type { SkillVersion } from './model.ts'
import styles from '../../ui/detail.module.css'
import own from './supply.module.css'

const SOURCES = {
  folder: 'a folder',
  archive: 'an archive',
  registry: 'a registry',
  npm: 'npm',
  github: 'GitHub',
} as const
const FIRST = 12

/** Where it came from, and what of that was proved. */
export function Provenance({ version }: { readonly version: SkillVersion }) {
  const { provenance, publishers, hash, files } = version
  const { source, url, integrity, signature, signedBy, notes } = provenance
  return (
    <Card title="Where it came from">
      <dl className={styles.list}>
        <dt>From</dt>
        <dd>
          {SOURCES[source]} {url !== undefined && <Value text={url} />}
        </dd>
        <dt>Signature</dt>
        <dd>
          {signature === 'verified' ? (
            <>
              <Chip tone="allow">verified</Chip> <Value text={signedBy ?? ''} />
            </>
          ) : signature === 'unverified' ? (
            <>
              <Chip tone="deny">does not prove who made it</Chip> {signedBy !== undefined && <Value text={signedBy} />}
            </>
          ) : (
            'none'
          )}
        </dd>
        <dt>Says of its bytes</dt>
        <dd>{integrity === undefined ? 'its source said nothing' : <Value text={integrity} />}</dd>
        <dt>SHA-256</dt>
        <dd>
          <code>{hash}</code> <Copy iconOnly className={own.inline} text={hash} label="Copy the hash" />
        </dd>
        <dt>Publisher</dt>
        <dd>
          {publishers.length === 0 ? (
            'not said'
          ) : (
            <>
              <Value text={publishers.join(', ')} />{' '}
              {signature !== 'verified' && <span className={styles.quiet}>a claim, not proved</span>}
            </>
          )}
        </dd>
        {notes.length > 0 && (
          <>
            <dt>Notes</dt>
            <dd>
              <ul>
                {notes.map((note) => (
                  <li key={note}>
                    <Value text={note} />
                  </li>
                ))}
              </ul>
            </dd>
          </>
        )}
        <dt>Files</dt>
        <dd>
          <ul>
            {files.slice(0, FIRST).map(({ path, size, executable, part }) => (
              <li key={path}>
                <Value text={path} />{' '}
                <span className={styles.quiet}>
                  {part}, {size.toLocaleString('en-GB')} bytes{executable && ', may be run'}
                </span>
              </li>
            ))}
            {files.length === 0 && <li>none</li>}
            {files.length > FIRST && <li className={styles.quiet}>and {files.length - FIRST} more</li>}
          </ul>
        </dd>
      </dl>
    </Card>
  )
}

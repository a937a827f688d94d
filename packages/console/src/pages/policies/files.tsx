import { Link } from '@tanstack/react-router'
import { BookOpenText, FileCode, FlaskConical } from 'lucide-react'
import { cx } from '../../ui/cx.ts'
import { isTestFile, shortName, type Check, type PolicyFile } from './model.ts'
import styles from './policies.module.css'

interface FilesProps {
  readonly files: readonly PolicyFile[]
  readonly current: string
  /** `/policies/live` or `/policies/draft/8f3c-1`. */
  readonly base: string
  readonly check: Check | undefined
  readonly changed: ReadonlySet<string>
}

const rules = (text: string): number => [...text.matchAll(/^\s*(?:permit|forbid)\s*\(|^\s*- name:/gm)].length

/** Files by what they are for, each with its number of rules or its red tests. */
export function Files({ files, current, base, check, changed }: FilesProps) {
  const groups = [
    [
      'Baseline',
      files.filter(({ origin, path }) => (origin === 'preset' || path.startsWith('preset:')) && !isTestFile(path)),
    ],
    ['Own', files.filter(({ path }) => !path.startsWith('preset:') && !isTestFile(path))],
    ['Tests', files.filter(({ path }) => isTestFile(path))],
  ] as const
  return (
    <nav aria-label="Files" className={styles.files}>
      {groups.map(([title, list]) => (
        <section key={title}>
          <h2>{title}</h2>
          {list.length === 0 && <p className={styles.none}>None yet.</p>}
          <ul>
            {list.map((file) => (
              <li key={file.path}>
                <Link
                  to={base}
                  search={(before: Record<string, unknown>) => ({ ...before, file: file.path, line: undefined })}
                  className={cx(styles.file, file.path === current && styles.currentFile)}
                  aria-current={file.path === current ? 'page' : undefined}
                  title={file.path}
                >
                  <Icon path={file.path} />
                  <span className={styles.name}>{shortName(file.path)}</span>
                  <Count file={file} check={check} isChanged={changed.has(file.path)} />
                </Link>
              </li>
            ))}
          </ul>
        </section>
      ))}
    </nav>
  )
}

function Icon({ path }: { readonly path: string }) {
  const Shape = isTestFile(path) ? FlaskConical : path.endsWith('.cedar') ? FileCode : BookOpenText
  return <Shape size={14} strokeWidth={1.75} aria-hidden="true" />
}

function Count({ file, check, isChanged }: { file: PolicyFile; check: Check | undefined; isChanged: boolean }) {
  const red = check?.tests.results.filter(({ file: of, ok }) => of === file.path && !ok).length ?? 0
  const errors = check?.issues.filter(({ file: of, severity }) => of === file.path && severity === 'error').length ?? 0
  if (red > 0) return <span className={styles.red}>{red} red</span>
  if (errors > 0) return <span className={styles.red}>{errors === 1 ? '1 error' : `${errors} errors`}</span>
  if (isChanged) return <span className={styles.changed}>changed</span>
  return <span className="num">{rules(file.text)}</span>
}

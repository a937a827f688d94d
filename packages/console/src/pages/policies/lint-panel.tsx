import { Link } from '@tanstack/react-router'
import { CircleX, TriangleAlert } from 'lucide-react'
import { Button } from '../../ui/button.tsx'
import { shortName, type Check, type Issue } from './model.ts'
import styles from './panel.module.css'

interface LintProps {
  readonly check: Check
  readonly base: string
  /** Puts a higher version into a file that needs one. */
  readonly raise?: ((path: string) => void) | undefined
}

const needsVersion = ({ message }: Issue): boolean => message.startsWith('the content changed but its version')

/** What is wrong, and what is allowed but rarely meant. */
export function LintPanel({ check, base, raise }: LintProps) {
  const found = [
    ...check.issues.map((issue) => ({ ...issue, id: '', needs: needsVersion(issue) })),
    ...check.lint.map((lint) => ({ ...lint, col: 1, needs: false })),
  ].sort((a, b) => Number(b.severity === 'error') - Number(a.severity === 'error'))
  if (found.length === 0) return <p className={styles.note}>Nothing found. Every rule is reachable and is tested.</p>
  return (
    <ul className={styles.findings}>
      {found.map(({ severity, message, file, line, id, needs }, at) => (
        <li key={at}>
          {severity === 'error' ? (
            <CircleX size={14} strokeWidth={1.75} aria-label="error" className={styles.bad} />
          ) : (
            <TriangleAlert size={14} strokeWidth={1.75} aria-label="warning" className={styles.warn} />
          )}
          <div>
            <p>
              {id !== '' && <code>{id}</code>} {message}
            </p>
            <Link
              to={base}
              search={(before: Record<string, unknown>) => ({ ...before, file, line: String(line), pane: undefined })}
            >
              <code>
                {shortName(file)}:{line}
              </code>
            </Link>
            {needs && raise !== undefined && (
              <Button small onClick={() => raise(file)}>
                Raise the version
              </Button>
            )}
          </div>
        </li>
      ))}
    </ul>
  )
}

import { Copy } from '../../ui/copy.tsx'
import { Card } from '../../ui/screen.tsx'
import { Value } from '../../ui/value.tsx'
import type { ServerDetail } from './model.ts'
import styles from '../../ui/detail.module.css'

/** How the server is started or reached. Another launch under the same name is held. */
export function Launch({ server }: { readonly server: ServerDetail }) {
  const { alias, transport, target, launch } = server
  const env = Array.isArray(launch['env']) ? launch['env'].map(String) : []
  return (
    <Card title="Launch" aside={<Copy text={`sallyport mcp inspect ${alias}`} label="Copy command" />}>
      <dl className={styles.list}>
        <dt>Transport</dt>
        <dd>{transport}</dd>
        <dt>{transport === 'stdio' ? 'Command' : 'Address'}</dt>
        <dd>
          <Value text={target} />
        </dd>
        {env.length > 0 && (
          <>
            <dt>Variables</dt>
            <dd>
              <Value text={env.join(', ')} />
            </dd>
          </>
        )}
        <dt>Changed launch</dt>
        <dd>Another command or address under this name is refused until an operator forgets the server.</dd>
      </dl>
    </Card>
  )
}

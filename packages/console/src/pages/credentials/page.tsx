import { KeyRound } from 'lucide-react'
import { serverNow } from '../../api/clock.ts'
import { useMay } from '../../api/me.ts'
import { useGet } from '../../api/query.ts'
import { useState } from 'react'
import { useObject, useView } from '../../shell/view.ts'
import { Button } from '../../ui/button.tsx'
import { Chip } from '../../ui/chip.tsx'
import { ListDetail, useShown, type ListRow } from '../../ui/list-detail.tsx'
import { Screen } from '../../ui/screen.tsx'
import { Answered, Empty } from '../../ui/states.tsx'
import { Tabs } from '../../ui/tabs.tsx'
import { span, when } from '../../ui/when.ts'
import { Add } from './add.tsx'
import { LeaseList } from './leases.tsx'
import { ageTone, lived, type Secret, type Vault } from './model.ts'
import { SecretView } from './secret.tsx'
import { UsageList } from './usage.tsx'
import styles from './credentials.module.css'

/** Who can use which secret, until when? */
export function Page() {
  const [selected] = useObject()
  const [{ tab }] = useView({ tab: 'secrets' })
  const [adding, setAdding] = useState(false)
  const may = useMay('admin')
  const vault = useGet<Vault>('/api/v1/vault', {}, { topics: ['credentials'] })
  const add = (
    <Button disabled={!may} title={may ? undefined : 'Secrets are kept by admin.'} onClick={() => setAdding(true)}>
      Add a secret…
    </Button>
  )
  return (
    <Screen
      title="Credentials"
      form="panes"
      aside={
        vault.data === undefined
          ? undefined
          : `${vault.data.secrets.length} kept here, ${vault.data.elsewhere.length} elsewhere`
      }
      actions={add}
    >
      <div className={styles.whole}>
        <div className={styles.tabs}>
          <Tabs
            label="Of credentials"
            current={tab}
            tabs={[
              { id: 'secrets', words: 'Secrets' },
              { id: 'leases', words: 'Leases' },
              { id: 'usage', words: 'Usage' },
            ]}
          />
        </div>
        {tab === 'leases' ? (
          <LeaseList />
        ) : tab === 'usage' ? (
          <UsageList />
        ) : (
          <Answered of={vault} failed="The secrets could not be loaded.">
            {(data) => <Secrets vault={data} selected={selected} />}
          </Answered>
        )}
      </div>
      {adding && <Add onClose={() => setAdding(false)} />}
    </Screen>
  )
}

function Secrets({ vault, selected }: { readonly vault: Vault; readonly selected: string | undefined }) {
  const { secrets, refused, elsewhere } = vault
  const shown = useShown(selected, refused[0] ?? secrets[0]?.name ?? elsewhere[0]?.name)
  if (secrets.length + refused.length + elsewhere.length === 0)
    return <Empty>No secret is stored. Agents cannot log in anywhere.</Empty>
  const rows = [
    ...refused.map((name): ListRow => ({
      id: name,
      icon: <KeyRound size={16} color="var(--deny)" aria-hidden="true" />,
      name,
      end: <Chip tone="solid">refused</Chip>,
      note: 'put back or not written by this gateway',
    })),
    ...secrets.map(rowOf),
    ...elsewhere.map(({ name, secret, lastUsedAt }): ListRow => ({
      id: name,
      icon: <KeyRound size={16} color="var(--text-3)" aria-hidden="true" />,
      name,
      note: `${secret} · used ${when(lastUsedAt)}`,
    })),
  ]
  const chosen = secrets.find(({ name }) => name === shown)
  return (
    <ListDetail label="Secrets" base="/credentials" rows={rows} selected={shown}>
      {shown !== undefined && <SecretView key={shown} name={shown} secret={chosen} />}
    </ListDetail>
  )
}

function rowOf(secret: Secret): ListRow {
  const { name, type, state, expiresAt, lastUsedAt, usedBy } = secret
  const share = lived(secret, serverNow())
  const left = expiresAt - serverNow()
  return {
    id: name,
    icon: <KeyRound size={16} color="var(--text-3)" aria-hidden="true" />,
    name,
    end:
      state === 'revoked' ? (
        <Chip>revoked</Chip>
      ) : (
        <Chip tone={ageTone(share)}>{left > 0 ? `${span(left)} left` : 'ended'}</Chip>
      ),
    note: `${type} · ${usedBy.length === 0 ? 'used by nothing' : usedBy.join(', ')} · used ${when(lastUsedAt)}`,
  }
}

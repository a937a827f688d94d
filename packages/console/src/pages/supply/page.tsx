import { Ban, CircleDashed, ListChecks, OctagonX, Plug, ShieldCheck, ShieldX } from 'lucide-react'
import { useGet } from '../../api/query.ts'
import { useObject } from '../../shell/view.ts'
import { Chip } from '../../ui/chip.tsx'
import { Copy } from '../../ui/copy.tsx'
import { ListDetail, useShown, type ListRow } from '../../ui/list-detail.tsx'
import { Screen } from '../../ui/screen.tsx'
import { Answered, Empty } from '../../ui/states.tsx'
import { when } from '../../ui/when.ts'
import { CAN_SHORT, counted, idOf, scanned, SERVES, type SkillRow, type Skills } from './model.ts'
import { Pins } from './pins.tsx'
import { Rules } from './rules.tsx'
import { SkillView } from './skill.tsx'
import styles from '../../ui/detail.module.css'

/** May this be used? */
export function Page() {
  // no live event tells of skills but the alert about one
  const list = useGet<Skills>('/api/v1/skills', {}, { topics: ['alerts'], every: 15_000 })
  return (
    <Screen title="Supply chain" form="panes" aside={list.data === undefined ? undefined : sum(list.data)}>
      <Answered of={list} failed="The list of skills could not be loaded.">
        {(data) => <SkillList data={data} />}
      </Answered>
    </Screen>
  )
}

function SkillList({ data }: { readonly data: Skills }) {
  const skills = sorted(data.skills)
  const rows = [...(skills.length === 0 ? [NONE] : skills.map((one) => rowOf(one, skills))), rulesRow(data), PINS]
  const selected = useObject().map(encodeURIComponent).join('/')
  const shown = useShown(selected === '' ? undefined : selected, rows[0]?.id)
  const [kind, name, hash] = (shown ?? '').split('/').map(decodeURIComponent)
  // an address may name a skill without its version
  const marked = rows.find(({ id }) => id === shown || id.startsWith(`${shown}/`))?.id ?? shown
  return (
    <ListDetail label="Skills and lists" base="/supply" rows={rows} selected={marked}>
      {kind === 'skill' && name !== undefined ? (
        <SkillView key={shown} name={name} hash={hash} />
      ) : kind === 'rules' ? (
        <Rules block={data.block} allow={data.allow} />
      ) : kind === 'tools' ? (
        <Pins />
      ) : kind === 'none' ? (
        <Nothing />
      ) : null}
    </ListDetail>
  )
}

function Nothing() {
  return (
    <div className={styles.stack}>
      <Empty action={<Copy text="sallyport skills add PATH" label="Copy command" />}>
        No skill is known. Take one into quarantine: <code>sallyport skills add PATH</code>
      </Empty>
      <Pins />
    </div>
  )
}

const ICON = { size: 16, strokeWidth: 1.75 } as const
const NONE: ListRow = {
  id: 'none',
  icon: <CircleDashed {...ICON} color="var(--text-3)" aria-hidden="true" />,
  name: 'Skills',
  end: 0,
  note: 'none is known yet',
}
const PINS: ListRow = {
  id: 'tools',
  icon: <Plug {...ICON} color="var(--text-2)" aria-hidden="true" />,
  name: 'Tools of servers',
  note: 'pinned, and held when they change',
}
const rulesRow = ({ block, allow }: Skills): ListRow => ({
  id: 'rules',
  icon: <ListChecks {...ICON} color="var(--text-2)" aria-hidden="true" />,
  name: 'Block list and allow list',
  end: block.length + allow.length,
  note: `${block.length} blocked, ${allow.length} let in without a review`,
})

/** What wants a look comes first. */
const ORDER = ['pending_review', 'disabled', 'external', 'internal', 'refused'] as const
const sorted = (skills: readonly SkillRow[]): readonly SkillRow[] =>
  skills.toSorted((a, b) => ORDER.indexOf(a.state) - ORDER.indexOf(b.state) || b.since - a.since)

function rowOf(skill: SkillRow, all: readonly SkillRow[]): ListRow {
  const { name, hash, version, capabilities, serves, source, since, verdict } = skill
  const can = capabilities.map((each) => CAN_SHORT[each]).join(', ')
  const isOne = all.filter((other) => other.name === name).length === 1
  const parts = [
    ...(isOne ? [] : [hash.slice(0, 6)]),
    scanned(skill),
    ...(can !== '' ? [can] : verdict === 'failed' ? [] : ['only instructions']),
  ]
  const rest = [`serves ${SERVES[serves]}`, `from ${source}`, `since ${when(since)}`]
  return {
    id: idOf(name, hash),
    icon: icon(skill),
    name: version === undefined ? name : `${name} ${version}`,
    end: end(skill),
    note: <span title={[...parts, ...rest].join(' · ')}>{parts.join(' · ')}</span>,
  }
}

function icon({ state, serves }: SkillRow) {
  if (state === 'pending_review') return <CircleDashed {...ICON} color="var(--ask)" aria-label="in quarantine" />
  if (state === 'disabled') return <ShieldX {...ICON} color="var(--deny)" aria-label="off" />
  if (state === 'refused') return <OctagonX {...ICON} color="var(--text-3)" aria-label="refused" />
  return serves === 'nobody' ? (
    <Ban {...ICON} color="var(--text-3)" aria-label="replaced" />
  ) : (
    <ShieldCheck {...ICON} color="var(--allow)" aria-label="admitted" />
  )
}

function end({ state, serves }: SkillRow) {
  if (state === 'pending_review') return <Chip tone="ask">review</Chip>
  if (state === 'disabled') return <Chip tone="solid">off</Chip>
  if (state === 'refused') return <Chip>refused</Chip>
  return { nobody: 'replaced', internal: 'inside', everybody: 'everybody' }[serves]
}

/** `2 wait for review, 3 admitted, 1 off`. */
function sum({ skills }: Skills): string {
  const of = (...states: readonly SkillRow['state'][]): number =>
    skills.filter(({ state }) => states.includes(state)).length
  const [waiting, off] = [of('pending_review'), of('disabled')]
  return [
    waiting === 0 ? 'Nothing waits for review' : `${waiting} in quarantine`,
    counted(of('internal', 'external'), 'version admitted', 'versions admitted'),
    ...(off === 0 ? [] : [`${off} off`]),
  ].join(', ')
}

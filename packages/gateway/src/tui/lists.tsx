import { Box, Text } from 'ink'
import { Fragment } from 'react'
import type { HealthReport } from '../cli/health/report.ts'
import { useLook, type Meaning } from './look.ts'
import { Dim } from './dim.tsx'
import { clockOf, Decided, List, Risk } from './parts.tsx'
import { Scrolled, type Scroll } from './scroll.tsx'
import type { AlertLine, Line } from './source.ts'
import { fit, wrap } from './width.ts'

interface Frame {
  readonly width: number
  readonly height: number
  readonly selected: number
}

/** Columns that the second line of something stands in. */
const HANGING = 4
/** Columns of the word in front of a finding. */
const WORD = 9

export function Activity({ lines, width, height, selected }: Frame & { readonly lines: readonly Line[] | undefined }) {
  if (lines === undefined) return <Dim>Asking the gateway.</Dim>
  if (lines.length === 0) return <Text>No agent has called yet. sallyport run -- claude</Text>
  return (
    <List
      items={lines}
      selected={selected}
      height={height}
      lines={1}
      keyOf={({ id, at, text }) => `${id} ${at} ${text}`}
    >
      {({ at, state, text }, isSelected) => (
        <Box>
          <Dim>{`${clockOf(at)} `}</Dim>
          <Decided state={state} />
          <Text inverse={isSelected}>{` ${fit(text, width - 13)}`}</Text>
        </Box>
      )}
    </List>
  )
}

export function Sessions(
  props: Frame & {
    readonly lines: readonly Line[] | undefined
    readonly story: readonly string[] | undefined
    readonly scroll: Scroll
    /** What is said where there is nothing. */
    readonly empty?: string
  },
) {
  const { lines, story, scroll, width, height, selected, empty = 'No session is known.' } = props
  if (lines === undefined) return <Dim>Asking the gateway.</Dim>
  if (lines.length === 0) return <Text>{empty}</Text>
  const half = Math.max(3, Math.floor(height / 2))
  const told = (story ?? []).flatMap((line, nth) =>
    wrap(line, width, HANGING).map((part, at) => (
      <Text key={`${nth} ${at}`} bold={nth === 0}>
        {part === '' ? ' ' : part}
      </Text>
    )),
  )
  return (
    <Box flexDirection="column" height={height}>
      <List items={lines} selected={selected} height={half} lines={1} keyOf={({ id }) => id}>
        {({ at, agent, state, text, id }, isSelected) => (
          <Box>
            <Dim>{`${clockOf(at)} `}</Dim>
            <Text bold inverse={isSelected}>
              {fit(agent, 18)}
            </Text>
            <Text>{` ${fit(state, 8)} ${fit(text, width - 48)} `}</Text>
            <Dim>{fit(id.slice(-8), 8)}</Dim>
          </Box>
        )}
      </List>
      <Scrolled rows={told} height={height - half} scroll={scroll} />
    </Box>
  )
}

export function Alerts({
  alerts,
  width,
  height,
  selected,
}: Frame & { readonly alerts: readonly AlertLine[] | undefined }) {
  if (alerts === undefined) return <Dim>Asking the gateway.</Dim>
  if (alerts.length === 0) return <Text>No open alert.</Text>
  return (
    <List items={alerts} selected={selected} height={height} lines={3} keyOf={({ id }) => id}>
      {({ severity, text, at, agent, count, state, holder }, isSelected) => (
        <>
          <Box>
            <Text>{isSelected ? '>' : ' '}</Text>
            <Risk severity={severity} />
            <Text bold inverse={isSelected}>{` ${fit(text, width - 16)}`}</Text>
          </Box>
          <Dim>
            {`     ${clockOf(at)}  ${agent === '' ? 'gateway' : agent}  ${count === 1 ? 'once' : `${count} times`}  ${state === 'taken' ? `taken by ${holder}` : state}`}
          </Dim>
        </>
      )}
    </List>
  )
}

export function Health({
  health,
  scroll,
  width,
  height,
}: Omit<Frame, 'selected'> & { readonly health: HealthReport | undefined; readonly scroll: Scroll }) {
  const { paint, sign } = useLook()
  if (health === undefined) return <Dim>Asking the gateway.</Dim>
  if (health.score === undefined) return <Text>No check yet. c Check now</Text>
  const { score, cap, findings, fine, unknown } = health
  const held = cap < 100 ? `, held at ${cap} until the worst is mended` : ''
  const room = width - WORD
  const rows = [
    <Text key="score">
      <Text bold>{score}</Text>
      {fit(` of 100${held}`, width - 3)}
    </Text>,
    ...findings.flatMap(({ severity, title, next, cost }) => [
      ...wrap(`${title.replace(/\.$/, '')}. ${cost === 0 ? 'Costs nothing.' : `Costs ${cost}.`}`, room).map(
        (part, at) => (
          <Text key={`${title} ${at}`}>
            <Text {...paint(TONES[severity] ?? 'deny')}>{fit(at === 0 ? severity : '', WORD)}</Text>
            <Text bold>{part}</Text>
          </Text>
        ),
      ),
      ...wrap(next, room).map((part, at) => <Dim key={`${title} next ${at}`}>{' '.repeat(WORD) + part}</Dim>),
    ]),
    ...unknown.flatMap(({ title, why }) =>
      wrap(`unknown  ${title}: could not check. ${why}`, width, WORD).map((part, at) => (
        <Text key={`${title} ${at}`}>{part}</Text>
      )),
    ),
    ...fine.map(({ title, proof }) => (
      <Fragment key={title}>
        <Text {...paint('allow')}>{fit(sign('allowed'), WORD)}</Text>
        <Text>{fit(title, Math.max(10, width - 34))}</Text>
        <Dim>{fit(proof, 24, 'right')}</Dim>
      </Fragment>
    )),
  ]
  return <Scrolled rows={rows} height={height} scroll={scroll} />
}

const TONES: Readonly<Record<string, Meaning>> = { medium: 'ask', low: 'dim', info: 'dim' }

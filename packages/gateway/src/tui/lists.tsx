import { Box, Text } from 'ink'
import type { HealthReport } from '../cli/health/report.ts'
import { useLook } from './look.ts'
import { clockOf, Decided, Dim, List, Risk } from './parts.tsx'
import type { AlertLine, Line } from './source.ts'
import { fit } from './width.ts'

interface Frame {
  readonly width: number
  readonly height: number
  readonly selected: number
}

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
    readonly story?: readonly string[]
    /** What is said where there is nothing. */
    readonly empty?: string
  },
) {
  const { lines, story, width, height, selected, empty = 'No session is known.' } = props
  if (lines === undefined) return <Dim>Asking the gateway.</Dim>
  if (lines.length === 0) return <Text>{empty}</Text>
  const half = Math.max(3, Math.floor(height / 2))
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
      <Box flexDirection="column" height={height - half} overflow="hidden">
        {(story ?? []).slice(0, height - half).map((line, at) => (
          <Text key={at} bold={at === 0}>
            {line === '' ? ' ' : fit(line, width)}
          </Text>
        ))}
      </Box>
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
  width,
  height,
}: Omit<Frame, 'selected'> & { readonly health: HealthReport | undefined }) {
  const { paint, sign } = useLook()
  if (health === undefined) return <Dim>Asking the gateway.</Dim>
  if (health.score === undefined) return <Text>No check yet. c Check now</Text>
  const { score, cap, findings, fine, unknown } = health
  const held = cap < 100 ? `, held at ${cap} until the worst is mended` : ''
  return (
    <Box flexDirection="column" height={height} overflow="hidden">
      <Box height={1} flexShrink={0}>
        <Text bold>{score}</Text>
        <Text>{` of 100${held}`}</Text>
      </Box>
      {findings.map(({ severity, title, next, cost }) => (
        <Box key={title} flexDirection="column" flexShrink={0}>
          <Box>
            <Text
              {...paint(severity === 'medium' ? 'ask' : severity === 'low' || severity === 'info' ? 'dim' : 'deny')}
            >
              {fit(severity, 9)}
            </Text>
            <Text bold>{fit(`${title}. ${cost === 0 ? 'Costs nothing.' : `Costs ${cost}.`}`, width - 10)}</Text>
          </Box>
          <Dim>{`         ${fit(next, width - 10)}`}</Dim>
        </Box>
      ))}
      {unknown.map(({ title, why }) => (
        <Text key={title}>{fit(`unknown  ${title}: could not check. ${why}`, width)}</Text>
      ))}
      {fine.map(({ title, proof }) => (
        <Box key={title} flexShrink={0}>
          <Text {...paint('allow')}>{fit(sign('allowed'), 9)}</Text>
          <Text>{fit(title, Math.max(10, width - 34))}</Text>
          <Dim>{fit(proof, 24, 'right')}</Dim>
        </Box>
      ))}
    </Box>
  )
}

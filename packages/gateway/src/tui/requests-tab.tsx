import { Box, Text } from 'ink'
import { renderView, type ApprovalView } from '@sallyport/core'
import { useLook } from './look.ts'
import { Dim, List, Risk } from './parts.tsx'
import type { Request } from './source.ts'
import { columnsOf, countdown, fit } from './width.ts'

const LIST = 30

interface RequestsProps {
  readonly requests: readonly Request[] | undefined
  readonly selected: number
  readonly view: ApprovalView | undefined
  readonly now: number
  readonly width: number
  readonly height: number
  /** Lines of the detail that are above the screen. */
  readonly scroll: number
  /** Below 80 columns the detail takes the place of the list when it is asked for. */
  readonly showDetail: boolean
}

/** What waits for a person: the list, riskiest first, and all of the one that is selected. */
export function Requests(props: RequestsProps) {
  const { requests, selected, view, now, width, height, scroll, showDetail } = props
  const { sign } = useLook()
  if (requests === undefined) return <Dim>Asking the gateway.</Dim>
  if (requests.length === 0) return <Text>Nothing waits for you.</Text>
  const isNarrow = width < 80
  const list = isNarrow ? width - 1 : LIST
  const detail = isNarrow ? width - 1 : width - LIST - 3
  return (
    <Box height={height}>
      {(!isNarrow || !showDetail) && (
        <Box width={list}>
          <List items={requests} selected={selected} height={height} lines={4} keyOf={({ id }) => id}>
            {(request, isSelected) => <Row request={request} isSelected={isSelected} now={now} width={list} />}
          </List>
        </Box>
      )}
      {!isNarrow && (
        <Box flexDirection="column" width={2} flexShrink={0}>
          {Array.from({ length: height }, (_, at) => (
            <Dim key={at}>{` ${sign('bar')}`}</Dim>
          ))}
        </Box>
      )}
      {(!isNarrow || showDetail) && (
        <Box marginLeft={1}>
          <Detail view={view} width={detail} height={height} scroll={scroll} />
        </Box>
      )}
    </Box>
  )
}

function Row({
  request,
  isSelected,
  now,
  width,
}: {
  request: Request
  isSelected: boolean
  now: number
  width: number
}) {
  const { paint } = useLook()
  const left = countdown(request.expiresAt - now)
  const isShort = request.expiresAt - now < 60_000
  const second = request.agreed > 0 ? `${request.agreed} of ${request.quorum} agreed` : request.reason
  return (
    <>
      <Box>
        <Text>{isSelected ? '>' : ' '}</Text>
        <Risk severity={request.severity} />
        <Text bold inverse={isSelected}>
          {' '}
          {fit(request.agent, width - 7 - left.length - (request.severity === 'critical' ? 9 : 0))}
        </Text>
        <Text {...(isShort ? paint('deny') : {})}> {left}</Text>
      </Box>
      <Text bold={isSelected}> {fit(request.tool, width - 2)}</Text>
      <Dim> {fit(second, width - 2)}</Dim>
    </>
  )
}

/** The view that a person decides on, by the renderer of the command line; values stand behind its frame (T-034). */
function Detail({
  view,
  width,
  height,
  scroll,
}: {
  readonly view: ApprovalView | undefined
  readonly width: number
  readonly height: number
  readonly scroll: number
}) {
  const { paint } = useLook()
  if (view === undefined) return <Dim>Asking the gateway.</Dim>
  const lines = renderView(view, { width, full: false })
  const top = Math.max(0, Math.min(scroll, lines.length - height))
  const shown = lines.slice(top, top + height)
  const isCut = top + height < lines.length
  return (
    <Box flexDirection="column" width={width} height={height}>
      {shown.map((line, at) => {
        const isLast = isCut && at === shown.length - 1
        const text = isLast ? `${lines.length - top - height + 1} more lines: J` : line
        const look = line.startsWith('! ') ? paint('ask') : {}
        return (
          <Text key={at} {...(isLast ? paint('dim') : look)} bold={/^[A-Z][^│]*:$/.test(line)}>
            {columnsOf(text) > width ? fit(text, width) : text === '' ? ' ' : text}
          </Text>
        )
      })}
    </Box>
  )
}

import { Box, Text } from 'ink'
import { renderView, type ApprovalView } from '@sallyport/core'
import { useLook } from './look.ts'
import { Dim } from './dim.tsx'
import { List, Risk } from './parts.tsx'
import { Scrolled, type Scroll } from './scroll.tsx'
import type { Request } from './source.ts'
import { columnsOf, countdown, fit } from './width.ts'

const LIST = 30
const MOVING = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu

interface RequestsProps {
  readonly requests: readonly Request[] | undefined
  readonly selected: number
  readonly view: ApprovalView | undefined
  readonly now: number
  readonly width: number
  readonly height: number
  readonly scroll: Scroll
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
  readonly scroll: Scroll
}) {
  const { paint } = useLook()
  if (view === undefined) return <Dim>Asking the gateway.</Dim>
  // rows are escaped where the view is made; nothing that could move the cursor passes here either way
  const lines = renderView(view, { width, full: false }).map((line) => line.replace(MOVING, '?'))
  const rows = lines.map((line, at) => (
    <Text key={at} {...(line.startsWith('! ') ? paint('ask') : {})} bold={/^[A-Z][^│]*:$/.test(line)}>
      {columnsOf(line) > width ? fit(line, width) : line === '' ? ' ' : line}
    </Text>
  ))
  return (
    <Box width={width}>
      <Scrolled rows={rows} height={height} scroll={scroll} />
    </Box>
  )
}

import { useEffect, useRef } from 'react'
import UPlot from 'uplot'
import 'uplot/dist/uPlot.min.css'
import type { ChartEvent, ChartProps } from './chart.tsx'

/** The drawn part of a chart: made anew when its numbers, its width or the theme change. */
export function Plot(props: ChartProps) {
  const { times, series, height, form = 'line', spark = false, tone = 'accent', range, marks, events } = props
  const box = useRef<HTMLDivElement>(null)
  useEffect(() => {
    const element = box.current
    if (element === null) return
    let plot: UPlot | undefined
    const draw = (): void => {
      plot?.destroy()
      const chosen = Object.entries({ range, marks, events }).filter(([, value]) => value !== undefined)
      plot = make(element, { times, series, height, form, spark, tone, ...Object.fromEntries(chosen) })
    }
    draw()
    const resized = new ResizeObserver(draw)
    resized.observe(element)
    const theme = matchMedia('(prefers-color-scheme: dark)')
    theme.addEventListener('change', draw)
    return () => {
      resized.disconnect()
      theme.removeEventListener('change', draw)
      plot?.destroy()
    }
  }, [times, series, height, form, spark, tone, range, marks, events])
  return <div ref={box} />
}

type Chosen = 'range' | 'marks' | 'events'
type Drawn = Required<Omit<ChartProps, 'sentence' | Chosen>> & Pick<ChartProps, Chosen>

const DAY = 86_400
const day = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short' })
const clock = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit' })
/** Room that one date wants, px. */
const DATE = 150

function make(element: HTMLElement, drawn: Drawn): UPlot {
  const { times, series, height, form, spark, tone, range, marks, events = [] } = drawn
  const css = getComputedStyle(element)
  const colour = (token: string): string => resolve(element, css.getPropertyValue(`--${token}`))
  const grey = colour('text-3')
  const line = colour(tone)
  const stepped = UPlot.paths.stepped
  const paths = form === 'steps' && stepped !== undefined ? { paths: stepped({ align: 1 }) } : {}
  const axis = { stroke: grey, font: `12px ${css.fontFamily}`, ticks: { show: false } }
  return new UPlot(
    {
      width: element.clientWidth,
      height,
      legend: { show: false },
      cursor: { show: false },
      ...(spark ? { padding: [2, 0, 2, 0] as [number, number, number, number] } : {}),
      scales: {
        y: {
          range:
            range === undefined
              ? (_, low, high) => [Math.min(0, low), high * 1.1 || 1]
              : ([...range] as [number, number]),
        },
      },
      axes: spark
        ? [{ show: false }, { show: false }]
        : [
            { ...axis, grid: { show: false }, space: DATE, size: 28, values: dates },
            {
              ...{ ...axis, side: 1, grid: { stroke: colour('border'), width: 1 }, space: height / 4 },
              ...(marks === undefined ? {} : { splits: [...marks], grid: { show: false }, size: 40 }),
            },
          ],
      hooks: {
        drawClear: [(plot) => drawMarks(plot, marks ?? [], colour('border'))],
        draw: [
          (plot) => {
            if (!spark) drawEnd(plot, line)
            drawEvents(plot, events, colour('deny'), colour('surface'), axis.font)
          },
        ],
      },
      series: [
        {},
        ...series.map((_, at) =>
          at === 0
            ? {
                stroke: line,
                width: 1.75,
                fill: line.replace(')', ' / 0.08)').replaceAll(',', ' '),
                points: { show: false },
                ...paths,
              }
            : { stroke: grey, width: 1.5, dash: [4, 4], points: { show: false }, ...paths },
        ),
      ],
    },
    [[...times], ...series.map(({ values }) => [...values])] as UPlot.AlignedData,
    element,
  )
}

/** `light-dark(…)` as the colour it is now: a canvas does not know the function. */
function resolve(element: HTMLElement, colour: string): string {
  const probe = element.appendChild(document.createElement('span'))
  probe.style.color = colour
  const found = getComputedStyle(probe).color
  probe.remove()
  return found
}

/** Days of a longer time, else hours. */
function dates(_plot: UPlot, splits: number[]): string[] {
  const isLong = (splits.at(-1) ?? 0) - (splits[0] ?? 0) >= DAY || splits.length < 2
  return splits.map((at) => (isLong ? day : clock).format(at * 1000))
}

/** A hairline at each mark; dashed where it is not an end of the scale. */
function drawMarks(plot: UPlot, marks: readonly number[], stroke: string): void {
  const { ctx, bbox, scales } = plot
  for (const mark of marks) {
    const isEnd = mark === scales['y']?.min || mark === scales['y']?.max
    const y = Math.round(plot.valToPos(mark, 'y', true)) + 0.5
    ctx.save()
    ctx.strokeStyle = stroke
    ctx.setLineDash(isEnd ? [] : [4 * devicePixelRatio, 4 * devicePixelRatio])
    ctx.beginPath()
    ctx.moveTo(bbox.left, y)
    ctx.lineTo(bbox.left + bbox.width, y)
    ctx.stroke()
    ctx.restore()
  }
}

/** A dot where the line is now. */
function drawEnd(plot: UPlot, fill: string): void {
  const [times, values] = plot.data
  const at = values?.findLastIndex((value) => value !== null && value !== undefined) ?? -1
  const value = values?.[at]
  if (at < 0 || typeof value !== 'number') return
  const { ctx } = plot
  ctx.save()
  ctx.fillStyle = fill
  ctx.beginPath()
  ctx.arc(
    plot.valToPos(times[at] ?? 0, 'x', true),
    plot.valToPos(value, 'y', true),
    4 * devicePixelRatio,
    0,
    2 * Math.PI,
  )
  ctx.fill()
  ctx.restore()
}

/** Rings, each with its words to the right of it, or to the left where the right has no room. */
function drawEvents(plot: UPlot, events: readonly ChartEvent[], stroke: string, fill: string, font: string): void {
  const { ctx, bbox } = plot
  const px = devicePixelRatio
  let free = bbox.left
  for (const { time, value, words } of events) {
    const [x, y] = [plot.valToPos(time, 'x', true), plot.valToPos(value, 'y', true)]
    ctx.save()
    ctx.font = font.replace(/^(\d+)px/, (_, size: string) => `550 ${Number(size) * px}px`)
    Object.assign(ctx, { strokeStyle: stroke, fillStyle: fill, lineWidth: 1.75 * px, textBaseline: 'middle' })
    ctx.beginPath()
    ctx.arc(x, y, 4 * px, 0, 2 * Math.PI)
    ctx.fill()
    ctx.stroke()
    const wide = ctx.measureText(words).width
    const right = x + 12 * px + wide < bbox.left + bbox.width
    const at = right ? x + 12 * px : x - 12 * px - wide
    if (at >= free) {
      ctx.fillStyle = stroke
      ctx.fillText(words, at, y + 14 * px)
      free = at + wide + 12 * px
    }
    ctx.restore()
  }
}

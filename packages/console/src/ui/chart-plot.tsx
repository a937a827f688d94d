import { useEffect, useRef } from 'react'
import UPlot from 'uplot'
import 'uplot/dist/uPlot.min.css'
import type { ChartProps } from './chart.tsx'

/** The drawn part of a chart: made anew when its numbers, its width or the theme change. */
export function Plot({ times, series, height, form = 'line', spark = false, tone = 'accent', range }: ChartProps) {
  const box = useRef<HTMLDivElement>(null)
  useEffect(() => {
    const element = box.current
    if (element === null) return
    let plot: UPlot | undefined
    const draw = (): void => {
      plot?.destroy()
      plot = make(element, { times, series, height, form, spark, tone, ...(range === undefined ? {} : { range }) })
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
  }, [times, series, height, form, spark, tone, range])
  return <div ref={box} />
}

type Drawn = Required<Omit<ChartProps, 'sentence' | 'range'>> & Pick<ChartProps, 'range'>

function make(element: HTMLElement, { times, series, height, form, spark, tone, range }: Drawn): UPlot {
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
            { ...axis, grid: { show: false } },
            { ...axis, side: 1, grid: { stroke: colour('border'), width: 1 }, space: height / 4 },
          ],
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

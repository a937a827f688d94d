import { describe, expect, it } from 'vitest'
import { ScreenFilter } from './screen.ts'

const ESC = '\u001b'
const passed = (text: string, rows = 24): string => new ScreenFilter(rows).pass(text).text

describe('T-143: what a confined program may say to the terminal', () => {
  it.each([
    'plain text, ünïcödé 漢字 🙂\r\n\ttab',
    `${ESC}[1;31;48:2::10:20:30mred${ESC}[0m`,
    `${ESC}[2J${ESC}[K${ESC}[3X${ESC}[2@${ESC}[P`,
    `${ESC}[5A${ESC}[5B${ESC}[5C${ESC}[5D${ESC}[10G`,
    `${ESC}7${ESC}8${ESC}M${ESC}(B${ESC}=`,
    `${ESC}[?25l${ESC}[?1000;1006h${ESC}[?2026h`,
    `${ESC}[c${ESC}[6n${ESC}[ q${ESC}[2 q${ESC}[>1u${ESC}[<u${ESC}[>4;2m`,
    `${ESC}[3;10r`,
  ])('%j as it is', (text) => expect(passed(text)).toBe(text))

  const strings = [
    ']0;title',
    ']2;t',
    ']8;;http://evil.example',
    ']52;c;Zm9v',
    ']9;note',
    ']777;notify;a;b',
    ']133;A',
    ']7;file:///',
  ]
  const others = [
    ...strings,
    ']1337;File=x',
    ']4;1;?',
    ']10;?',
    ']50;x',
    'P$qm',
    'P+q544e',
    '_Gi=1',
    '^pm',
    'Xsos',
    'Ptmux;x',
  ]
  it.each(others.flatMap((body) => [`${ESC}${body}\u0007`, `${ESC}${body}${ESC}\\`, `${ESC}${body}\u009c`]))(
    '%j is dropped',
    (text) => expect(passed(`a${text}b`)).toBe('ab'),
  )
  it.each([
    `${ESC}c`,
    `${ESC}#8`,
    `${ESC}[!p`,
    `${ESC}[8;10;10t`,
    `${ESC}[21t`,
    `${ESC}[22;0t`,
    `${ESC}[5i`,
    `${ESC}[4i`,
    `${ESC}[?3h`,
    `${ESC}[?6h`,
    `${ESC}[?69h`,
    `${ESC}[?9001h`,
    `${ESC}[3J`,
    `${ESC}[20h`,
    `${ESC}[1;2;3;4;5T`,
    `${ESC}[1$}`,
    `${ESC}[99e`,
    `${ESC}[?2004l`,
    `${ESC}[?2004h`,
    `${ESC}[2$~`,
    `${ESC}[?5W`,
    `${ESC}[1;1;5;5;1;5;5;1$v`,
    `${ESC}[1;1;5;5$z`,
    `${ESC}[12;1;5;5$x`,
    `${ESC}[1;24;1;1$r`,
    `${ESC}[1*x`,
    `${ESC}[>0T`,
    `${ESC} F`,
    `${ESC}%G`,
    `${ESC}n`,
    `${ESC}Z`,
    '\u0085\u0084\u0090\u009d\u009b31m'.slice(0, 4),
    '\u0005',
    '\u0000',
    '\u007f',
  ])('%j is dropped', (text) => expect(passed(`a${text}b`)).toBe('ab'))

  it('holds a sequence that comes in pieces, byte by byte, and drops it as a whole', () => {
    const filter = new ScreenFilter(24)
    const all = `x${ESC}]52;c;Zm9v\u0007y${ESC}[31mz${ESC}]8;;u${ESC}\\w`
    expect(Array.from(all, (char) => filter.pass(char).text).join('')).toBe(`xy${ESC}[31mzw`)
  })
  it('a string that never ends says nothing, and CAN ends it', () => {
    expect(passed(`a${ESC}]0;${'x'.repeat(100_000)}`)).toBe('a')
    expect(passed(`a${ESC}]0;x\u0018b`)).toBe('ab')
  })
  it('a bell rings a few times, not a thousand', () => {
    expect(passed('\u0007'.repeat(1_000)).length).toBe(4)
  })
  it('counts are bounded', () => expect(passed(`${ESC}[99999999b`)).toBe(`${ESC}[9999b`))
})

describe('T-014: the last line is not the program’s', () => {
  it.each([
    [`${ESC}[24;1H`, `${ESC}[23;1H`],
    [`${ESC}[999;5f`, `${ESC}[23;5f`],
    [`${ESC}[999d`, `${ESC}[23d`],
    [`${ESC}[r`, `${ESC}[1;23r`],
    [`${ESC}[1;24r`, `${ESC}[1;23r`],
    [`${ESC}[24;24r`, `${ESC}[1;23r`],
    [`${ESC}[H`, `${ESC}[1;1H`],
    [`${ESC}[0000000024;1H`, `${ESC}[23;1H`],
  ])('%j becomes %j', (text, becomes) => expect(passed(text)).toBe(becomes))

  it('another screen keeps the region', () => {
    const { text, redraw } = new ScreenFilter(24).pass(`${ESC}[?1049h`)
    expect(text).toBe(`${ESC}[?1049h${ESC}7${ESC}[1;23r${ESC}8`)
    expect(redraw).toBe(true)
  })
  it('what may have reached it is drawn over at once', () => {
    const filter = new ScreenFilter(24)
    expect(filter.pass('text\n').redraw).toBe(false)
    expect(filter.pass(`${ESC}[2J`).redraw).toBe(true)
    expect(filter.pass(`${ESC}[1;5r${ESC}[23;1H\n`).redraw).toBe(true)
    expect(filter.pass('Approve with PIN: ').redraw).toBe(true)
    expect(filter.pass(`${ESC}[r`).redraw).toBe(true)
    expect(filter.pass('text').redraw).toBe(false)
  })
  it('T-094: a paste is always marked at the real terminal; the program gets the marks when it wants them', () => {
    const filter = new ScreenFilter(24)
    expect(filter.enter()).toBe(`${ESC}[?2004h`)
    expect(filter.wantsPaste).toBe(false)
    expect(filter.pass(`${ESC}[?25;2004h`).text).toBe(`${ESC}[?25h`)
    expect(filter.wantsPaste).toBe(true)
    filter.pass(`${ESC}[?2004l`)
    expect(filter.wantsPaste).toBe(false)
  })
  it('its own text is in usual letters, whatever the program has chosen', () => {
    expect(new ScreenFilter(24).line('x', 80)).toContain(`${ESC}(B\u000f`)
  })
  it('leaves a terminal as it was: no mode stays on', () => {
    const left = new ScreenFilter(24).leave()
    for (const off of ['[?1l', '[?1000l', '[?1049l', '[?2004l', '[?2026l', '[4l', '[?7h', '[r', '[?25h', '>', '(B'])
      expect(left).toContain(`${ESC}${off}`)
  })
  it('its own text is cut to one line', () => {
    const line = new ScreenFilter(24).line('sallyport'.repeat(30), 80)
    expect(line).toContain(`${ESC}[24;1H`)
    expect(line.replace(/\u001b(\[[0-9;]*[A-Za-z]|[78]|\(B)|\u000f/g, '')).toHaveLength(79)
  })
})

import { readdirSync, readFileSync } from 'node:fs'
import type { Row } from './documents.ts'
import { random } from './fit.ts'

/** One line of `shapes/*.txt`. */
export interface Shape {
  readonly family: string
  readonly channel: 'user' | 'content' | 'both'
  readonly label: 0 | 1
  readonly pattern: string
}

const FOLDER = new URL('./shapes/', import.meta.url)

/**
 * Shapes are `+ attack` and `- benign twin` lines below a `# family channel=…` line; `[[a|b]]` is a choice, `{name}` a slot of `slots.txt`. They are
 * written for this project and hold no text of any corpus.
 */
export function readShapes(folder: URL = FOLDER): readonly Shape[] {
  const shapes: Shape[] = []
  for (const file of readdirSync(folder).sort()) {
    if (!file.endsWith('.txt') || file === 'slots.txt') continue
    let family = file
    let channel: Shape['channel'] = 'both'
    for (const line of readFileSync(new URL(file, folder), 'utf8').split('\n')) {
      const head = /^# (\S+) channel=(user|content|both)$/.exec(line)
      if (head !== null) {
        family = head[1] ?? family
        channel = head[2] as Shape['channel']
      } else if (/^[+-] /.test(line))
        shapes.push({ family, channel, label: line.startsWith('+') ? 1 : 0, pattern: line.slice(2) })
    }
  }
  return shapes
}

function readSlots(folder: URL): ReadonlyMap<string, readonly string[]> {
  const slots = new Map<string, string[]>()
  let slot: string[] = []
  for (const line of readFileSync(new URL('slots.txt', folder), 'utf8').split('\n')) {
    if (line.startsWith('# ')) slots.set(line.slice(2), (slot = []))
    else if (line !== '') slot.push(line)
  }
  return slots
}

/**
 * Texts made from the shapes: `samples` of each, part of them within a benign text of the corpus, part with slips of the pen. Deterministic.
 */
export function makeRows(carriers: readonly Row[], samples: number, seed: number, folder: URL = FOLDER): Row[] {
  const next = random(seed)
  const slots = readSlots(folder)
  const choose = <T>(list: readonly T[]): T => {
    const chosen = list[Math.floor(next() * list.length)]
    if (chosen === undefined) throw new Error('Nothing to choose from.')
    return chosen
  }
  const expand = (pattern: string): string => {
    let text = pattern
    for (let round = 0; round < 12; round++) {
      const before = text
      text = text.replace(/\[\[((?:(?!\[\[|\]\])[^\n])*)\]\]/g, (_, choices: string) => choose(choices.split('|')))
      text = text.replace(/\{(\w+)\}/g, (slot, name: string) => {
        const values = slots.get(name)
        return values === undefined ? slot : choose(values)
      })
      if (text === before) break
    }
    return text.replace(/\\n/g, '\n').replace(/ {2,}/g, ' ')
  }
  const slip = (text: string): string => {
    const words = text.split(' ')
    for (let count = 1 + Math.floor(next() * 2); count > 0; count--) {
      const at = Math.floor(next() * words.length)
      const word = words[at] ?? ''
      if (word.length < 4) continue
      const place = 1 + Math.floor(next() * (word.length - 2))
      words[at] =
        next() < 0.5
          ? word.slice(0, place) + word.slice(place + 1)
          : word.slice(0, place) + (word[place + 1] ?? '') + (word[place] ?? '') + word.slice(place + 2)
    }
    return words.join(' ')
  }
  const within = (text: string): string => {
    const carrier = choose(carriers).text
    const length = 150 + Math.floor(next() * 1200)
    const from = Math.floor(next() * Math.max(1, carrier.length - length))
    const around = carrier.slice(from, from + length)
    const place = choose([
      0,
      around.length,
      around.length,
      around.lastIndexOf('\n', Math.floor(next() * around.length)) + 1,
    ])
    const gap = choose(['\n', '\n\n', ' ', '\n'])
    return `${around.slice(0, place)}${gap}${text}${gap}${around.slice(place)}`.trim()
  }
  const rows: Row[] = []
  for (const shape of readShapes(folder))
    for (let sample = 0; sample < samples; sample++) {
      let text = expand(shape.pattern)
      if (next() < 0.1) text = slip(text)
      if (next() < 0.06) text = text.toUpperCase()
      const channel = shape.channel === 'both' ? choose(['user', 'content'] as const) : shape.channel
      if (channel === 'content' && next() < 0.55) text = within(text)
      const kind = shape.label === 1 ? (channel === 'user' ? 'direct' : 'indirect') : 'benign-hard'
      rows.push({ text, label: shape.label, kind, source: `shapes:${shape.family}`, channel })
    }
  return rows
}

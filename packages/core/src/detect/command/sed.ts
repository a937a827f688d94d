import { NOTHING } from './flow.ts'
import { report, useRead, useWrite, type Scene } from './scene.ts'
import { literalValue } from './words.ts'

const ADDRESS = String.raw`(?:\d+(?:~\d+)?|\$|/(?:[^/\\\n]|\\.){0,500}/[IM]*|\\(.)[^\n]{0,200}?\1[IM]*)`
const COMMAND = new RegExp(
  `^\\s*(?:${ADDRESS}(?:\\s*,\\s*(?:[+~]?\\d+|\\$|/(?:[^/\\\\\\n]|\\\\.){0,500}/[IM]*))?)?\\s*!?\\s*\\{?\\s*([a-zA-Z=#:}])`,
)

/** `e`, `s///e`, `r`, `w`, `s///w` of sed run programs, read and write files. Linear; an unread rest is judged by its looks. */
export function judgeSed(script: string, scene: Scene): void {
  let rest = script
  for (let turn = 0; turn < 500 && rest.trim() !== ''; turn++) {
    rest = rest.replace(/^[\s;}]+/, '')
    const match = COMMAND.exec(rest)
    if (match === null) return
    const command = match[2] ?? ''
    rest = rest.slice(match[0].length)
    if (command === 's' || command === 'y') rest = substitution(rest, scene, command)
    else if (command === 'e') {
      report(scene, 'exec.escape', `sed e${rest.slice(0, 60)}`)
      const line = firstLine(rest)
      const parsed = scene.parse(line)
      if ('script' in parsed) scene.runScript(parsed.script, scene, NOTHING)
      rest = rest.slice(line.length)
    } else if ('rRwW'.includes(command)) {
      const path = firstLine(rest)
      if (command.toLowerCase() === 'r') useRead(scene, literalValue(path.trim()))
      else useWrite(scene, literalValue(path.trim()))
      rest = rest.slice(path.length)
    } else if ('aic'.includes(command))
      rest = rest.slice(rest.replace(/\\\n/g, '  ').split('\n', 1)[0]?.length ?? rest.length)
    else rest = rest.replace(/^[^;}\n]{0,200}/, '')
  }
}

const firstLine = (text: string): string => text.split('\n', 1)[0] ?? ''

/** Reads `/a/b/flags` and judges the flags. */
function substitution(text: string, scene: Scene, command: string): string {
  const delimiter = text[0]
  if (delimiter === undefined) return ''
  let index = 1
  for (let part = 0; part < 2; part++) {
    while (index < text.length && text[index] !== delimiter) index += text[index] === '\\' ? 2 : 1
    index++
  }
  const flags = /^[a-zA-Z0-9]*/.exec(text.slice(index))?.[0] ?? ''
  if (command === 's') {
    const plain = /^[^w]*/.exec(flags)?.[0] ?? ''
    if (plain.includes('e')) report(scene, 'exec.escape', `sed s…${flags}`)
    if (flags.includes('w')) {
      const path = firstLine(text.slice(index + flags.indexOf('w') + 1))
      useWrite(scene, literalValue(path.trim()))
      return text.slice(index + flags.indexOf('w') + 1 + path.length)
    }
  }
  return text.slice(index + flags.length)
}

import { judgeCode, languageOf } from './code.ts'
import { isLanguage } from './languages.ts'
import { covert } from './covert.ts'
import { NOTHING, UNKNOWN, type Stream } from './flow.ts'
import { urlsIn } from './hosts.ts'
import type { Argument, Invocation } from './invocation.ts'
import { lineSigns } from './line-signs.ts'
import { lookAt, metadataIn, visitHost } from './looks.ts'
import { runFile, runShell, runsWhat, runText } from './nested.ts'
import { outputOf } from './output.ts'
import { judgePackage } from './packages.ts'
import { describeProgram } from './programs.ts'
import { normal, report, useDelete, useRead, useWrite, type Scene } from './scene.ts'
import { SPECIALS } from './special/index.ts'
import type { Value } from './words.ts'

const ASKS_FOR_HELP = new Set(['--help', '--version', '-V', '-h', '-help', '-version', '--usage'])

/** All that one command does, wrappers and nested code included; returns what it prints. */
export function applyInvocation(inv: Invocation, scene: Scene, input: Stream, inserted?: Stream): Stream {
  const asksOnly = inv.words.length === 2 && ASKS_FOR_HELP.has(inv.words[1]?.text ?? '') && inv.words[1]?.text !== '-h'
  if (asksOnly) return { ...UNKNOWN }
  const rehearsal = inv.words.some((word) =>
    /^--(?:dry-run(?:=(?!none).*)?|check|noop|no-op|simulate)$/.test(word.text),
  )
  for (const effect of inv.spec?.effects ?? [])
    if (effect !== 'publish.release' || !rehearsal) report(scene, effect, inv.words.map((word) => word.text).join(' '))
  const line = [inv.program, ...inv.words.slice(1).map((word) => word.text)].join(' ')
  for (const sign of lineSigns(line)) report(scene, sign.effect, line)
  const looks = inv.program === 'git' && (inv.options.has('-n') || inv.options.has('--dry-run'))
  for (const option of looks ? [] : inv.options) {
    const effect = inv.specs.map((spec) => spec?.options.get(option)?.effect).find((found) => found !== undefined)
    if (effect !== undefined) report(scene, effect, optionText(inv, option))
  }
  const special = SPECIALS.get(inv.program)?.(inv, scene, input)
  const streams: Stream[] = []
  for (const argument of inv.arguments) {
    const stream = applyArgument(argument, inv, scene)
    if (stream !== undefined) streams.push(stream)
  }
  covert(inv, scene, inserted)
  if (inv.rest.length > 0) streams.push(scene.runWords(inv.rest, scene, input))
  if (inv.spec === undefined) streams.push(...wrapped(inv, scene, input))
  const code = codeFromInput(inv, scene, input)
  if (special !== undefined) return special
  if (code !== undefined) return code
  return outputOf(inv, input, streams, inserted)
}

const optionText = (inv: Invocation, option: string): string => {
  const argument = inv.arguments.find((candidate) => candidate.option === option)
  return argument === undefined ? `${inv.program} ${option}` : `${inv.program} ${option} ${argument.value.text}`
}

function applyArgument({ role, value, option }: Argument, inv: Invocation, scene: Scene): Stream | undefined {
  if (isLanguage(role)) {
    const first = value.scripts[0]
    if (first !== undefined && /^\s*(?:\$\(|`)/.test(value.text))
      report(scene, runsWhat(scene.runScript(first, scene, NOTHING)), value.text)
    judgeCode(value.source, role, scene)
    return undefined
  }
  switch (role) {
    case 'text':
    case 'rest':
    case 'env':
      return undefined
    case 'path':
      metadataIn(value.text, scene)
      return undefined
    case 'read':
      return readArgument(value, scene)
    case 'write':
      useWrite(scene, value)
      return undefined
    case 'delete':
      useDelete(scene, value, true)
      return undefined
    case 'upload':
      report(scene, 'network.upload', value.text)
      useRead(scene, value)
      return undefined
    case 'url':
    case 'host':
      visitHost(value.text, scene)
      if (role === 'url') lookAt(value, scene, true)
      return undefined
    case 'package':
      judgePackage(value, inv.program, scene)
      return undefined
    case 'shell':
    case 'exec':
      return runShell(value, scene)
    case 'script':
      runFile(value, inv, scene)
      return undefined
    default:
      lookAt(value, scene, option === undefined || option.startsWith('-'))
      return undefined
  }
}

function readArgument(value: Value, scene: Scene): Stream {
  if (value.process !== undefined) return scene.runScript(value.process, scene, UNKNOWN)
  const effect = useRead(scene, value)
  if (urlsIn(value.text).length > 0) visitHost(value.text, scene)
  const written = scene.state.written.get(normal(scene, value.text))
  return { ...UNKNOWN, ...written, local: true, secret: effect !== undefined }
}

/** Interpreters without a program to run take it from their input. */
function codeFromInput(inv: Invocation, scene: Scene, input: Stream): Stream | undefined {
  const language = languageOf(inv.program)
  if (language === undefined || inv.spec === undefined) return undefined
  const given = inv.arguments.some(
    ({ role, value }) =>
      (role === 'script' || role === 'shell' || isLanguage(role)) &&
      value.text !== '-' &&
      !/^\/dev\/(?:stdin|fd\/0)$|^\/proc\/self\/fd\/0$/.test(value.text),
  )
  if (given && !inv.options.has('-s')) return undefined
  if (inv.options.has('-m') && /^python|^pypy/.test(inv.program)) return undefined
  if (['bash', 'sh', 'zsh', 'fish'].includes(inv.program) && inv.options.has('-n')) return undefined
  if (inv.subcommand.length > 0 && inv.program !== 'deno') return undefined
  if (input.text === '') {
    if (
      language === 'shell' &&
      inv.words.length <= 2 &&
      !inv.words.some((word) => /^--?(?:version|help)$/.test(word.text))
    ) {
      report(scene, 'exec.shell', inv.path)
    }
    return undefined
  }
  return runText(input, language, inv.words.map((word) => word.text).join(' '), scene)
}

/** An unknown program may be a wrapper: what follows is tried as a command. */
function wrapped(inv: Invocation, scene: Scene, input: Stream): Stream[] {
  const streams: Stream[] = []
  for (const [index, word] of inv.words.entries()) {
    if (index === 0 || index > 6 || !word.known || word.text.startsWith('-')) continue
    const name = word.text.slice(word.text.lastIndexOf('/') + 1)
    const further = inv.words.slice(index)
    if (!/^[\w.+-]+$/.test(name) || describeProgram(name, []).spec === undefined) continue
    if (further.length < 2 && !/^(?:\/.*\/)?(?:ba|z|da|k|a)?sh$/.test(word.text)) continue
    if (further.length < 2 && !word.text.includes('/')) continue
    streams.push(scene.runWords(further, scene, input))
    break
  }
  return streams
}

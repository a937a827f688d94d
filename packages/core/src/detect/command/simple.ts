import { judgePowershell } from './powershell.ts'
import { judgeAssignment } from './assignments.ts'
import { NOTHING, UNKNOWN, mergeStreams, type Stream } from './flow.ts'
import { readInvocation } from './invocation.ts'
import { applyInvocation } from './apply.ts'
import { DEEPEST, judgeProgramPath, normal, report, useRead, useWrite, type Scene } from './scene.ts'
import { looksLikeSocket, socketHost } from './sockets.ts'
import { isLocalHost } from './hosts.ts'
import type { Redirect, Simple } from './syntax.ts'
import { literalValue, resolveWhole, resolveWord, type Value } from './words.ts'

export function runSimple(command: Simple, scene: Scene, input: Stream): Stream {
  const { variables } = scene.state
  const words = command.words.flatMap((word) => resolveWord(word, variables))
  const program = words[0]?.text ?? ''
  scene.facts.locate(program, command.start, command.end)
  const scripts = new Set(words.flatMap((word) => word.scripts))
  const inner: Stream[] = []
  for (const script of scripts) inner.push(scene.runScript(script, scene, NOTHING))
  scene.facts.locate(program, command.start, command.end)
  const temporary = words.length > 0
  for (const assignment of command.assignments) judgeAssignment(assignment, scene, temporary)
  const source = useRedirects(command.redirects, scene, input)
  if (words.length === 0) return NOTHING
  words.forEach((word) => word.variables.forEach((name) => scene.facts.variable(name)))
  const output = runWords(words, scene, source.input, inner.length > 0 ? mergeStreams(inner) : undefined)
  source.store(output)
  return output
}

/** Runs words as a command: the program must be known before anything is said about it. */
export function runWords(words: readonly Value[], outer: Scene, input: Stream, inserted?: Stream): Stream {
  const [first] = words
  if (first === undefined) return NOTHING
  const scene: Scene = { ...outer, depth: outer.depth + 1 }
  scene.budget.left -= 1 + Math.floor(words.length / 16)
  if (scene.budget.left <= 0 || scene.depth > DEEPEST) {
    report(scene, 'opaque.depth', '')
    scene.facts.opaque('too-deep')
    return UNKNOWN
  }
  const { text } = first
  if (!first.known) return computedProgram(first, words, scene)
  if (text === '') return NOTHING
  if (first.hidden.length > 0) report(scene, 'exec.hidden', first.source)
  if (first.glob) report(scene, 'exec.hidden', text)
  if (/[^\x20-\x7e]/.test(text)) report(scene, 'opaque.characters', text)
  if (words.some((word) => word.hidden.includes('ifs'))) report(scene, 'exec.hidden', '$IFS')
  if (words.some((word) => word.hidden.includes('echo') && /[/~]/.test(word.text)))
    report(scene, 'exec.hidden', '$(echo …)')
  for (const word of words) {
    if (word.hidden.includes('ansi') && !/^\S+ /.test(word.text)) report(scene, 'exec.hidden', word.text)
    else if (word.hidden.includes('split') && word.text.includes('/')) report(scene, 'exec.hidden', word.text)
  }
  const body = scene.state.functions.get(text)
  if (body !== undefined) {
    const variables = new Map(scene.state.variables)
    words.slice(1, 10).forEach((word, index) => word.known && variables.set(String(index + 1), word.text))
    if (words.slice(1).every((word) => word.known)) {
      variables.set(
        '@',
        words
          .slice(1)
          .map((word) => word.text)
          .join(' '),
      )
      variables.set('*', variables.get('@') ?? '')
    }
    const functions = new Map(scene.state.functions)
    functions.delete(text)
    return scene.runScript({ commands: body }, { ...scene, state: { ...scene.state, variables, functions } }, input)
  }
  const alias = scene.state.aliases.get(text)
  if (alias !== undefined) {
    const parsed = scene.parse([alias, ...words.slice(1).map((word) => word.source)].join(' '))
    const aliases = new Map(scene.state.aliases)
    aliases.delete(text)
    if ('script' in parsed)
      return scene.runScript(parsed.script, { ...scene, state: { ...scene.state, aliases } }, input)
  }
  if (/^(?:[A-Z][a-z]+-[A-Z]\w+|iex|iwr|irm|gci|icm)$/.test(text))
    judgePowershell(words.map((word) => word.text).join(' '), scene)
  const bad = judgeProgramPath(scene, text)
  if (bad !== undefined) report(scene, bad, text)
  if (/\/proc\/[^/]+\/(?:root|cwd|exe|fd)/.test(text)) report(scene, 'exec.hidden', text)
  const written = text.includes('/') ? writtenBelow(normal(scene, text), scene) : undefined
  if (written !== undefined) {
    report(scene, written.network ? 'exec.remote-code' : 'exec.computed', text)
  }
  const invocation = readInvocation(words)
  scene.facts.program(invocation.program)
  scene.facts.argv(words.map((word) => (word.known ? word.text : null)))
  return applyInvocation(invocation, scene, input, inserted)
}

/** What this command line wrote at a path, or cloned above it. */
function writtenBelow(path: string, scene: Scene): { readonly network: boolean } | undefined {
  for (let end = path.length; end > 0; end = path.lastIndexOf('/', end - 1)) {
    const written = scene.state.written.get(path.slice(0, end))
    if (written !== undefined && (end === path.length || written.network)) return written
  }
  return undefined
}

/** `$x …`, `$(…) …`: nobody knows what runs. */
function computedProgram(first: Value, words: readonly Value[], scene: Scene): Stream {
  const names = first.variables
  if (first.scripts.length === 0 && /^[\w.+-]+$/.test(first.text)) {
    // `${NODE:-node} x`: what it is unless someone says otherwise.
    return runWords([literalValue(first.text), ...words.slice(1)], scene, UNKNOWN)
  }
  if (first.scripts.length > 0) report(scene, 'exec.hidden', first.text)
  else if (/^["$]?\$\{?\w+\}?(?:\/[\w./-]+)$/.test(first.text) && words.every((word) => word.scripts.length === 0)) {
    // `$VENV/bin/python`, `"$GITHUB_ACTION_PATH"/run.sh`: a program in a place that has a name.
    const program = first.text.slice(first.text.lastIndexOf('/') + 1)
    return runWords([literalValue(program), ...words.slice(1)], scene, UNKNOWN)
  } else report(scene, 'exec.computed', first.text)
  names.forEach((name) => scene.facts.variable(name))
  scene.facts.opaque('computed-program')
  return UNKNOWN
}

interface Redirected {
  readonly input: Stream
  /** Notes what a command printed into the files it was sent to. */
  store(output: Stream): void
}

export function useRedirects(redirects: readonly Redirect[], scene: Scene, input: Stream): Redirected {
  let stream = input
  const outputs: string[] = []
  for (const { operator, target, fd } of redirects) {
    const value = resolveWhole(target, scene.state.variables)
    value.variables.forEach((name) => scene.facts.variable(name))
    const inner = value.scripts.map((script) => scene.runScript(script, scene, NOTHING))
    if (operator === '<<' || operator === '<<<' || operator === '<<-') {
      const text = value.known ? value.text : undefined
      stream = { ...(inner.length > 0 ? mergeStreams(inner) : NOTHING), text, local: inner.some((each) => each.local) }
      if (!value.known && inner.length === 0) stream = { ...stream, text: value.source }
      continue
    }
    if (operator === '<&' || operator === '>&') {
      if (/^(?:\d+-?|-)$/.test(value.text)) continue
    }
    if (looksLikeSocket(value.text)) {
      socketRedirect(value.text, operator, scene, redirects.length)
      continue
    }
    if (value.process !== undefined) {
      if (operator.startsWith('<')) stream = inner[0] ?? UNKNOWN
      continue
    }
    if (operator.includes('>')) {
      useWrite(scene, value)
      if (fd !== 2) outputs.push(normal(scene, value.text))
      if (operator === '<>') stream = readFile(value, scene)
      if (value.scripts.length > 0 && inner.some((each) => each.local)) report(scene, 'write.outside', value.text)
    } else {
      stream = readFile(value, scene)
    }
  }
  return {
    input: stream,
    store(output) {
      for (const path of outputs) {
        if (output.text !== undefined) scene.onCode?.({ text: output.text, path })
        if (scene.state.written.size < 500)
          scene.state.written.set(path, { text: output.text, network: output.network })
      }
    },
  }
}

function readFile(value: Value, scene: Scene): Stream {
  const effect = useRead(scene, value)
  const written = scene.state.written.get(normal(scene, value.text))
  if (written !== undefined) return { ...UNKNOWN, ...written, local: true }
  return value.text === '/dev/null' ? NOTHING : { ...UNKNOWN, local: true, secret: effect !== undefined }
}

function socketRedirect(text: string, operator: string, scene: Scene, count: number): void {
  const host = socketHost(text)
  scene.facts.host(host)
  const local = isLocalHost(host, scene.policy.localHosts)
  if (local && count <= 3 && operator !== '<>') return
  report(
    scene,
    count > 1 || operator === '<>' || operator.includes('&') ? 'network.reverse-shell' : 'network.upload',
    text,
  )
}

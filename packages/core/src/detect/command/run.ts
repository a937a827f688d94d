import { mergeStreams, NOTHING, UNKNOWN, type Stream } from './flow.ts'
import { DEEPEST, report, type Scene } from './scene.ts'
import { runSimple, useRedirects } from './simple.ts'
import type { Command, Script } from './syntax.ts'
import { resolveWhole, resolveWord } from './words.ts'

/** Walks a script in order, as a shell would, and says what it prints. */
export function runScript(script: Script, scene: Scene, input: Stream): Stream {
  return runAll(script.commands, scene, input)
}

function runAll(commands: readonly Command[], scene: Scene, input: Stream): Stream {
  const outputs: Stream[] = []
  for (const command of commands) outputs.push(run(command, scene, input))
  return outputs.length === 0 ? NOTHING : mergeStreams(outputs)
}

function run(command: Command, scene: Scene, input: Stream): Stream {
  if (scene.budget.left-- <= 0 || scene.depth > DEEPEST) {
    report(scene, 'opaque.depth', '')
    scene.facts.opaque('too-deep')
    return UNKNOWN
  }
  const inner: Scene = { ...scene, depth: scene.depth + 1 }
  if (command.background === true && heavy(command))
    report(scene, 'abuse.resources', 'many processes in the background')
  switch (command.kind) {
    case 'simple':
      return runSimple(command, { ...inner, position: { start: command.start, end: command.end } }, input)
    case 'pipeline': {
      let stream = input
      const last = command.stages.length - 1
      for (const [index, stage] of command.stages.entries()) {
        const piped = index < last ? { ...subshell(inner), piped: true } : subshell(inner)
        stream = run(stage, piped, stream)
      }
      const first = names(command.stages[0])
      if (/^cat$/.test(first[0] ?? '') && first.some((word) => /^\/dev\/(?:zero|u?random)$/.test(word))) {
        const bounded = command.stages.some((stage) => /^(?:head|dd|od|xxd|hexdump)$/.test(names(stage)[0] ?? ''))
        if (!bounded) report(scene, 'abuse.resources', first.join(' '))
      }
      if (
        stream.secret &&
        scene.piped !== true &&
        /^(?:echo|printf)$/.test(first[0] ?? '') &&
        SHOWS.test(names(command.stages[last])[0] ?? '')
      )
        report(scene, 'read.environment', 'shows a secret')
      return stream
    }
    case 'sequence':
      return runAll(command.commands, inner, input)
    case 'group': {
      const area = command.subshell ? subshell(inner) : inner
      const source = useRedirects(command.redirects, area, input)
      const output = runAll(command.body, area, source.input)
      source.store(output)
      return output
    }
    case 'loop': {
      for (const word of command.items ?? []) {
        for (const value of resolveWord(word, scene.state.variables))
          value.scripts.forEach((s) => runScript(s, inner, NOTHING))
      }
      endlessLoop(command, scene)
      if (command.variable !== undefined) bindLoop(command.variable, command, inner)
      runAll(command.condition, inner, input)
      return { ...runAll(command.body, inner, input), text: undefined }
    }
    case 'branch': {
      for (const word of command.words) {
        for (const script of resolveWhole(word, scene.state.variables).scripts) runScript(script, inner, NOTHING)
      }
      const outputs = command.branches.map((branch) => runAll(branch, inner, input))
      return { ...mergeStreams(outputs), text: undefined }
    }
    case 'function':
      if (callsItself(command.name, command.body)) report(scene, 'abuse.fork-bomb', command.name)
      else runAll(command.body, { ...subshell(inner) }, UNKNOWN)
      scene.state.functions.set(command.name, command.body)
      return NOTHING
  }
}

/** Last stages that print what they read. */
const SHOWS = /^(?:base64|base32|xxd|od|hexdump|cat|rev|tr|cut|head|tail|fold|tac|nl|sed|awk|tee|less|more)$/

const names = (command: Command | undefined): string[] =>
  command?.kind === 'simple' && command.redirects.every(({ operator }) => !operator.includes('>'))
    ? command.words.map((word) => word.source)
    : []

/** A copy of what the shell remembers: changes stay inside. Files are shared, they are on the disk. */
const subshell = (scene: Scene): Scene => ({
  ...scene,
  state: { ...scene.state, variables: new Map(scene.state.variables), functions: new Map(scene.state.functions) },
})

type Loop = Extract<Command, { kind: 'loop' }>

/** A loop variable stands for the only item, else for nothing known. */
function bindLoop(variable: string, loop: Loop, scene: Scene): void {
  const values = (loop.items ?? []).flatMap((word) => resolveWord(word, scene.state.variables))
  const [first] = values
  if (first?.known === true) scene.state.variables.set(variable, first.text)
  else scene.state.variables.delete(variable)
  for (const value of values) {
    if (!value.known || value.text === '') continue
    // Every item may be what the body reads or deletes: the most telling one stands for all.
    if (/^(?:~|\/(?!tmp\/|dev\/null))|\.\.|\.(?:ssh|aws|env)/.test(value.text))
      scene.state.variables.set(variable, value.text)
  }
}

/** Commands that wait for something or end a loop. */
const PAUSES = /^(?:sleep|wait|read|break|exit|return|inotifywait|nc|socat|tail|fswatch|select|curl|timeout|watch)$/

const simpleNames = (commands: readonly Command[]): string[] => {
  const names: string[] = []
  visit(commands, (command) => {
    if (command.kind === 'simple') names.push(command.words[0]?.source ?? '')
  })
  return names
}

function visit(commands: readonly Command[], see: (command: Command) => void): void {
  for (const command of commands) {
    see(command)
    if (command.kind === 'pipeline') visit(command.stages, see)
    else if (command.kind === 'sequence') visit(command.commands, see)
    else if (command.kind === 'group') visit(command.body, see)
    else if (command.kind === 'loop') visit([...command.condition, ...command.body], see)
    else if (command.kind === 'branch') command.branches.forEach((branch) => visit(branch, see))
  }
}

/** A function that starts itself, more than once or in the background. */
function callsItself(name: string, body: readonly Command[]): boolean {
  let calls = 0
  let parallel = false
  visit(body, (command) => {
    if (command.background === true || command.kind === 'pipeline') parallel = true
    if (command.kind === 'simple' && command.words[0]?.source === name) calls++
  })
  return calls > 1 || (calls === 1 && parallel)
}

/** `while true; do … & done`: processes without end. */
function endlessLoop(loop: Loop, scene: Scene): void {
  const [condition] = loop.condition
  const word = condition?.kind === 'simple' ? condition.words.map((part) => part.source).join(' ') : ''
  const endless = loop.items === undefined && /^(?:true|:|\[ 1 \]|test 1|\[ 1 -eq 1 \]|\(\(1\)\)|)$/.test(word)
  let background = loop.background === true
  let slept = false
  let network = false
  let many = 0
  visit(loop.body, (command) => {
    if (command.background === true) background = true
    if (command.kind === 'simple') {
      const name = command.words[0]?.source ?? ''
      if (name === 'sleep' || name === 'wait' || name === 'read' || name === 'break') slept = true
      if (/^(?:curl|wget|ping|nc|ab|hping3|openssl|bash|sh|\$0)$/.test(name)) network = true
      if (name === 'fork' || name === '$0' || name === 'yes') many++
    }
  })
  if (endless && background && !slept) report(scene, 'abuse.resources', 'endless loop that starts processes')
  else if (endless && network && !slept) report(scene, 'network.flood', 'endless loop of requests')
  else if (endless && many > 0) report(scene, 'abuse.fork-bomb', 'endless loop')
  else if (
    endless &&
    !slept &&
    loop.condition.length > 0 &&
    !simpleNames(loop.body).some((name) => PAUSES.test(name))
  ) {
    report(scene, 'abuse.resources', 'endless loop')
  }
  const count = (loop.items ?? []).some((item) => /\{1\.\.\d{4,}\}|seq (?:\d+ )?\d{4,}/.test(item.source))
  if (count && background) report(scene, 'abuse.resources', 'thousands of processes')
  if (count && network) report(scene, 'network.flood', 'thousands of requests')
  sweep(loop, scene)
}

/** A loop over addresses or ports that opens connections. */
function sweep(loop: Loop, scene: Scene): void {
  const items = (loop.items ?? []).map((item) => item.source).join(' ')
  const wide = /\{\d+\.\.(?:\d{3,})\}|seq (?:-\w+ )?(?:\d+ )?\d{3,}|hosts|ips?\b|targets|subnet/i.test(items)
  if (!wide) return
  visit(loop.body, (command) => {
    if (command.kind !== 'simple') return
    const text = [...command.words, ...command.redirects.map(({ target }) => target)]
      .map((word) => word.source)
      .join(' ')
    if (
      /\/dev\/(?:tcp|udp)\/|^(?:ping|nc|ncat|netcat|telnet|ssh|sshpass|scp|arping)\b|\btimeout \S+ (?:nc|bash|ping)\b/.test(
        text,
      )
    ) {
      report(scene, 'network.scan', text)
    }
  })
}

/** Commands that use a whole processor: harmless once, not in a row. */
function heavy(command: Command): boolean {
  return command.kind === 'simple' && /^(?:yes|stress)$/.test(command.words[0]?.source ?? '')
}

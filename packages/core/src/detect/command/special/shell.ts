import { judgeVariable, SECRET_NAME } from '../assignments.ts'
import { NOTHING, UNKNOWN } from '../flow.ts'
import { runsWhat } from '../nested.ts'
import { normalisePath } from '../paths.ts'
import { report, type Scene, type Special } from '../scene.ts'
import { literalValue, type Value } from '../words.ts'

const cd: Special = (inv, scene) => {
  const [target] = inv.operands
  if (inv.program === 'popd') scene.state.place = undefined
  else if (target === undefined) scene.state.place = '~'
  else if (target.text === '-' || !target.known)
    scene.state.place = target.known || !/^[\w$]/.test(target.text) ? undefined : '.'
  else scene.state.place = normalisePath(target.text, scene.state.place, scene.policy)
  if (target !== undefined && !target.known) scene.state.place = undefined
  return NOTHING
}

/** Lines that tools ask their users to put into a profile. */
const TRUSTED_EVAL =
  /^(?:direnv (?:hook|export)|ssh-agent|minikube (?:-p \S+ )?docker-env|docker-machine env|brew shellenv|\S*brew shellenv|pyenv (?:init|virtualenv-init)|rbenv init|nodenv init|goenv init|jenv init|plenv init|fnm env|nvm\b|opam env|starship init|zoxide init|conda shell\.\w+ hook|mise (?:activate|env)|rtx activate|asdf\b|dircolors|luarocks path|thefuck --alias|fzf --\w+|atuin init|mcfly init|sheldon source|cargo env|nix-env|npm bin|perl -I\S+ -Mlocal::lib|keychain --eval|gpgconf|resize|tset -s|register-python-argcomplete|pip3? completion|\S+ completion \w+|\S+ completions? (?:bash|zsh|fish)|sccache --show-stats|xcode-select|vfox activate|volta setup|pixi shell-hook|micromamba shell hook|colima|podman-machine env|k3d|kind export|go env|tmuxifier init|lesspipe)/

const evaluate: Special = (inv, scene, input) => {
  const words = inv.words.slice(1)
  const source = words.map((word) => word.source).join(' ')
  const scripts = words.flatMap((word) => word.scripts)
  for (const script of scripts) {
    const [command] = script.commands
    const text = command?.kind === 'simple' ? command.words.map((word) => word.source).join(' ') : ''
    if (script.commands.length === 1 && TRUSTED_EVAL.test(text)) continue
    const output = scene.runScript(script, scene, NOTHING)
    if (output.text !== undefined) {
      const parsed = scene.parse(output.text)
      if ('script' in parsed) scene.runScript(parsed.script, scene, NOTHING)
      report(scene, 'exec.hidden', source)
    } else report(scene, runsWhat(output), source)
  }
  if (scripts.length > 0 && words.every((word) => /^\s*["']?(?:\$\(|`)/.test(word.text))) return UNKNOWN
  if (words.some((word) => word.variables.length > 0 && /^\s*["']?\$/.test(word.text)))
    report(scene, 'exec.computed', source)
  else if (words.some((word) => word.variables.length > 0)) report(scene, 'exec.computed', source)
  const parsed = scene.parse(source)
  if ('script' in parsed) return scene.runScript(parsed.script, scene, input)
  report(scene, 'opaque.syntax', source)
  return UNKNOWN
}

const declare: Special = (inv, scene) => {
  for (const value of inv.operands) {
    const [, name = '', rest] = /^([A-Za-z_]\w*)(?:\+?=([\s\S]*))?$/.exec(value.text) ?? []
    if (name === '' || rest === undefined) continue
    const part: Value = { ...value, text: rest, source: rest }
    judgeVariable(name, part, scene)
    if (value.known) scene.state.variables.set(name, rest)
    else scene.state.variables.delete(name)
  }
  const lists = inv.operands.length === 0 && (inv.program !== 'local' || inv.options.size > 0)
  if (lists && !inv.options.has('-f') && !inv.options.has('-F')) dumps(inv.words, scene)
  return { ...UNKNOWN, secret: lists, local: lists }
}

function dumps(words: readonly Value[], scene: Scene): void {
  report(scene, 'read.environment', words.map((word) => word.text).join(' '))
}

const set: Special = (inv, scene) => {
  const alone = inv.words.length === 1
  if (alone) dumps(inv.words, scene)
  if (inv.operands.some(({ text }) => text === 'history') && inv.words.some(({ text }) => text === '+o'))
    report(scene, 'evade.logs', 'set +o history')
  return { ...UNKNOWN, secret: alone, local: alone }
}

const shopt: Special = (inv, scene) => {
  if (inv.options.has('-u') && inv.operands.some(({ text }) => /hist/.test(text)))
    report(scene, 'evade.logs', 'shopt -u histappend')
  return undefined
}

const environment: Special = (inv, scene) => {
  for (const value of inv.operands) {
    const [, name, rest = ''] = /^([A-Za-z_]\w*)=([\s\S]*)$/.exec(value.text) ?? []
    if (name !== undefined) judgeVariable(name, { ...value, text: rest, source: rest }, scene)
    else if (inv.program === 'printenv' && SECRET_NAME.test(value.text)) report(scene, 'read.environment', value.text)
  }
  if (inv.program === 'printenv' && inv.rest.length > 0) {
    for (const { text } of inv.rest) if (SECRET_NAME.test(text)) report(scene, 'read.environment', text)
    return { ...UNKNOWN, secret: true }
  }
  const split = inv.options.has('-S') || inv.options.has('--split-string')
  const dump = inv.rest.length === 0 && !split
  if (dump && inv.operands.every(({ text }) => text.includes('='))) {
    dumps(inv.words, scene)
    return { ...UNKNOWN, secret: true, local: true }
  }
  return undefined
}

const alias: Special = (inv, scene) => {
  for (const { text, source } of inv.operands) {
    const equals = text.indexOf('=')
    if (equals < 1) continue
    const body = source.slice(source.indexOf('=') + 1)
    scene.state.aliases.set(text.slice(0, equals), body)
    const parsed = scene.parse(body)
    if ('script' in parsed) scene.runScript(parsed.script, scene, UNKNOWN)
    else report(scene, 'opaque.syntax', body)
    if (
      /^(?:sudo|su|ssh|passwd|ls|cd|cat|git|docker|kubectl|npm|python|vim|rm|cp|mv)$/.test(text.slice(0, equals)) &&
      /[;&|]/.test(body)
    ) {
      report(scene, 'exec.hidden', text)
    }
  }
  return NOTHING
}

const history: Special = (inv, scene) => {
  if (
    inv.options.has('-c') ||
    inv.options.has('-d') ||
    inv.options.has('-w') ||
    inv.options.has('-r') ||
    inv.options.has('-p')
  ) {
    report(scene, 'evade.logs', inv.words.map(({ text }) => text).join(' '))
  }
  return { ...UNKNOWN, secret: true, local: true }
}

const unset: Special = (inv, scene) => {
  for (const { text } of inv.operands) {
    scene.state.variables.delete(text)
    if (/^(?:HIST\w*|PROMPT_COMMAND|TMOUT|SUDO_\w+)$/.test(text)) report(scene, 'evade.logs', `unset ${text}`)
  }
  return NOTHING
}

/** `echo "$API_KEY"` shows a secret; into a file or another program it may be what a build needs. */
const echo: Special = (inv, scene) => {
  const secret = inv.words.some((word) => word.variables.some((name) => SECRET_NAME.test(name)))
  if (secret && scene.piped !== true && inv.words.slice(1).some((word) => /^["']?\$\{?\w+\}?$/.test(word.text))) {
    report(scene, 'read.environment', inv.words.map(({ text }) => text).join(' '))
  }
  return secret ? { ...UNKNOWN, secret: true, local: true } : undefined
}

const trapOrRead: Special = (inv, scene) => {
  if (inv.program === 'trap') return NOTHING
  for (const { text } of inv.operands) scene.state.variables.delete(text)
  return NOTHING
}

const exec: Special = (inv, scene) => {
  if (inv.rest.length === 1 && inv.rest[0] !== undefined && /^(?:\/.*\/)?(?:ba|z|da|k)?sh$/.test(inv.rest[0].text))
    report(scene, 'exec.shell', inv.rest[0].text)
  return undefined
}

const busy: Special = (inv, scene, input) => {
  const [first] = inv.rest
  if (first !== undefined && /^\d/.test(first.text)) return scene.runWords(inv.rest.slice(1), scene, input)
  return undefined
}

const watchOrParallel: Special = (inv, scene, input) => {
  const words = inv.operands
  if (words.length === 0) {
    if (inv.program === 'parallel')
      report(scene, input.network ? 'exec.remote-code' : 'exec.computed', 'parallel runs its input')
    return undefined
  }
  const end = words.findIndex(({ text }) => /^:{3,4}\+?$/.test(text))
  const command = end < 0 ? words : words.slice(0, end)
  if (inv.program === 'parallel' && end === 0) {
    words.slice(1).forEach((word) => scene.runWords([literalValue('sh'), literalValue('-c'), word], scene, NOTHING))
    return UNKNOWN
  }
  if (command.length > 0) {
    const parsed = scene.parse(command.map((word) => word.source).join(' '))
    if ('script' in parsed) scene.runScript(parsed.script, scene, input)
  }
  if (/^(?:rm|shred|sh|bash|eval)$/.test(command[0]?.text ?? '') && command.length === 1)
    report(scene, 'delete.computed', 'runs on its input')
  return UNKNOWN
}

export const SHELL_SPECIALS: Readonly<Record<string, Special>> = {
  'cd pushd popd chdir': cd,
  eval: evaluate,
  'export declare typeset local readonly': declare,
  set,
  shopt,
  'env printenv': environment,
  alias,
  'history fc': history,
  unset,
  'echo printf': echo,
  'trap read mapfile readarray': trapOrRead,
  exec,
  timelimit: busy,
  'watch parallel': watchOrParallel,
}

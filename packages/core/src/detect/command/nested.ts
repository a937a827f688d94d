import { judgeCode, languageOf } from './code.ts'
import type { Language } from './languages.ts'
import { UNKNOWN, type Stream } from './flow.ts'
import type { Invocation } from './invocation.ts'
import { visitHost } from './looks.ts'
import { regionOf } from './paths.ts'
import { judgeProgramPath, normal, report, useRead, type Scene } from './scene.ts'
import type { Value } from './words.ts'

/** A shell line inside a word. */
export function runShell(value: Value, scene: Scene): Stream {
  if (value.text.trim() === '' || value.text === '-') return UNKNOWN
  const first = value.scripts[0]
  if (first !== undefined && /^\s*["']?(?:\$\(|`)/.test(value.text)) {
    const output = scene.runScript(first, scene, UNKNOWN)
    if (output.text === undefined) report(scene, runsWhat(output), value.text)
  }
  const parsed = scene.parse(value.source)
  if ('opaque' in parsed) {
    report(scene, 'opaque.syntax', value.text)
    scene.facts.opaque(parsed.opaque)
    return UNKNOWN
  }
  return scene.runScript(parsed.script, scene, UNKNOWN)
}

export const runsWhat = (stream: Stream): 'exec.remote-code' | 'exec.encoded' | 'exec.computed' =>
  stream.network ? 'exec.remote-code' : stream.decoded ? 'exec.encoded' : 'exec.computed'

/** `bash x`, `python x`, `source x`, `java -jar x`. */
export function runFile(value: Value, inv: Invocation, scene: Scene): void {
  const { text } = value
  if (text === '-' || /^\/dev\/(?:stdin|fd\/0)$|^\/proc\/self\/fd\/0$/.test(text)) return
  if (value.process !== undefined) {
    const output = scene.runScript(value.process, scene, UNKNOWN)
    runText(output, languageOf(inv.program), text, scene)
    return
  }
  if (/^(?:https?|ftp|data|blob):/i.test(text)) {
    report(scene, 'exec.remote-code', text)
    visitHost(text, scene)
    return
  }
  if (!value.known && value.scripts.length > 0) return report(scene, 'exec.computed', text)
  useRead(scene, value)
  const written = scene.state.written.get(normal(scene, text))
  if (written !== undefined) {
    runText({ ...UNKNOWN, ...written }, languageOf(inv.program), text, scene)
    return
  }
  if (/^\/etc\/(?:profile|bash\.bashrc|bashrc|os-release|lsb-release|environment|default\/)/.test(text)) return
  if (regionOf(normal(scene, text)) === 'unknown') {
    // `"$ACTION_PATH/run.sh"`: a file in a place that has a name.
    if (!/\/[\w.-]+$/.test(text)) report(scene, 'exec.computed', text)
    return
  }
  const effect = judgeProgramPath(scene, text.includes('/') ? text : `./${text}`)
  const profile =
    /^~\/\.(?:bashrc|profile|bash_profile|zshrc|cargo\/env|nvm\/nvm\.sh|sdkman\/|asdf\/|ghcup\/env|poetry\/env|local\/bin\/env|deno\/env|rbenv|pyenv|venv)/
  if (effect !== undefined && !profile.test(normal(scene, text))) report(scene, effect, text)
}

/** Text that an interpreter gets to run. */
export function runText(
  stream: Stream,
  language: Language | 'shell' | undefined,
  detail: string,
  scene: Scene,
): Stream {
  if (stream.text === undefined || stream.network) {
    report(scene, runsWhat(stream), detail)
    return { ...UNKNOWN }
  }
  if (stream.decoded) report(scene, 'exec.encoded', detail)
  if (language === 'shell') {
    const parsed = scene.parse(stream.text)
    if ('script' in parsed) return scene.runScript(parsed.script, scene, UNKNOWN)
    report(scene, 'opaque.syntax', stream.text)
  } else judgeCode(stream.text, language ?? 'code', scene)
  return { ...UNKNOWN }
}

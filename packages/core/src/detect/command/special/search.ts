import { UNKNOWN } from '../flow.ts'
import { regionOf } from '../paths.ts'
import { normal, report, useDelete, useWrite, type Scene, type Special } from '../scene.ts'
import { literalValue, type Value } from '../words.ts'

const ACTIONS = /^-(?:exec|execdir|ok|okdir)$/

/** `find`: places, then an expression whose actions delete, write and run. */
const find: Special = (inv, scene, input) => {
  const words = inv.words.slice(1)
  const at = words.findIndex(({ text }) => /^[-(!]/.test(text) && !/^-[HLPEXdsx]$|^-[OD]/.test(text))
  const places = (at < 0 ? words : words.slice(0, at)).filter(({ text }) => !text.startsWith('-'))
  const roots = places.length > 0 ? places : [literalValue('.')]
  for (let index = Math.max(0, at); index < words.length && at >= 0; index++) {
    const text = words[index]?.text ?? ''
    if (text === '-delete') roots.forEach((root) => deleteBelow(root, words, scene))
    else if (/^-fprintf?0?$|^-fls$/.test(text)) {
      const path = words[index + 1]
      if (path !== undefined) useWrite(scene, path)
    } else if (ACTIONS.test(text)) {
      const end = words.findIndex(({ text: word }, later) => later > index && (word === ';' || word === '+'))
      const command = words.slice(index + 1, end < 0 ? undefined : end)
      runFor(command, roots, words, scene, input.text === '' ? UNKNOWN : input)
      index = end < 0 ? words.length : end
    }
  }
  const wide = roots.some((root) => /^(?:\/|~|\/home|\/Users|\/etc|\/var|\/mnt|\/opt)$/.test(normal(scene, root.text)))
  const expression = words.map(({ text }) => text).join(' ')
  if (/-perm\s+(?:\/|-|\+)?(?:[0-7]?[246][0-7]{3}|[ug]=s|u\+s|6000|4000|2000)/.test(expression))
    report(scene, 'network.scan', expression)
  if (
    wide &&
    /(?:id_rsa|\.env|\.pem|\.key|credential|passw|secret|\.kdbx|wallet|\.ssh|\.aws|history|token)/i.test(expression)
  ) {
    report(scene, 'read.secret', expression)
  }
  return { ...UNKNOWN, names: roots.every((root) => inside(root, scene)) }
}

const inside = (root: Value, scene: Scene): boolean => {
  const region = regionOf(normal(scene, root.text))
  return region === 'workspace' || region === 'root-of-workspace' || region === 'temporary'
}

const NARROWS = /^-(?:i?name|i?path|i?regex|newer\w*|[acm](?:time|min)|size|empty|maxdepth|iwholename|perm|user)$/

/** Deleting what matches below a place: the workspace itself only when something narrows it. */
function deleteBelow(root: Value, words: readonly Value[], scene: Scene): void {
  const path = normal(scene, root.text)
  const narrowed = words.some(({ text }) => NARROWS.test(text))
  if (regionOf(path) === 'root-of-workspace') {
    if (!narrowed) report(scene, 'delete.workspace-root', 'find -delete')
    else scene.facts.path('delete', `${path}/…`)
    return
  }
  useDelete(
    scene,
    root.known && /^\/(?:var\/)?tmp\/?$/.test(root.text) && narrowed ? literalValue('/tmp/found') : root,
    true,
  )
}

function runFor(
  command: readonly Value[],
  roots: readonly Value[],
  words: readonly Value[],
  scene: Scene,
  input: typeof UNKNOWN,
): void {
  const [first] = command
  if (first === undefined) return
  const narrowed = words.some(({ text }) => NARROWS.test(text))
  for (const root of roots.slice(0, 4)) {
    const found =
      narrowed && regionOf(normal(scene, root.text)) === 'root-of-workspace'
        ? 'found'
        : `${root.text.replace(/\/$/, '')}/found`
    const place =
      regionOf(normal(scene, root.text)) === 'root-of-workspace' &&
      !narrowed &&
      /^(?:rm|shred|unlink)$/.test(first.text)
        ? '.'
        : found
    scene.runWords(
      command.map((word) => (word.text.includes('{}') ? replaced(word, place) : word)),
      scene,
      input,
    )
  }
}

const replaced = (word: Value, text: string): Value => ({
  ...word,
  text: word.text.replaceAll('{}', text),
  source: word.source.replaceAll('{}', text),
})

/** `xargs`: the rest runs once for each line of its input. */
const xargs: Special = (inv, scene, input) => {
  const [first] = inv.rest
  if (first === undefined) return undefined
  const program = first.text.slice(first.text.lastIndexOf('/') + 1)
  if (/^(?:rm|shred|unlink|rmdir|chmod|chown|mv|dd|tee|truncate)$/.test(program) && !input.names) {
    report(scene, 'delete.computed', inv.words.map(({ text }) => text).join(' '))
  }
  if (input.text !== undefined && input.text !== '' && input.text.length < 10_000) {
    const words = input.text
      .split(/\s+/)
      .filter((word) => word !== '')
      .slice(0, 50)
    scene.runWords([...inv.rest, ...words.map(literalValue)], scene, UNKNOWN)
  }
  if (inv.options.has('-a') && /^(?:ba|z|da|k)?sh$/.test(program)) report(scene, 'exec.escape', 'xargs starts a shell')
  if (/^(?:kill|pkill)$/.test(program)) report(scene, 'system.services', program)
  if (/^(?:curl|wget|nc|ping|nslookup|dig|scp|http)$/.test(program)) {
    report(
      scene,
      input.secret || input.local ? 'network.upload' : 'network.flood',
      inv.words.map(({ text }) => text).join(' '),
    )
  }
  const replace = inv.arguments.find(({ option }) => option === '-I' || option === '--replace' || option === '-J')
    ?.value.text
  const placeholder = replace ?? (inv.options.has('-i') ? '{}' : undefined)
  const code = inv.rest.some(({ text }, index) => index > 0 && text === '-c') && /^(?:ba|z|da|k)?sh$/.test(program)
  if (code && placeholder !== undefined && inv.rest.some(({ text }) => text.includes(placeholder)))
    report(scene, 'exec.computed', 'xargs into a shell')
  if (/^(?:(?:ba|z|da|k)?sh|python\d*|perl|ruby|node|env|sudo|eval|source)$/.test(program) && inv.rest.length === 1) {
    report(scene, input.network ? 'exec.remote-code' : 'exec.computed', 'xargs into an interpreter')
  }
  if (/\{\}|%/.test(program) || program === placeholder) report(scene, 'exec.computed', 'xargs runs its input')
  return undefined
}

/** `grep -r x /`, `rg password ~`: looking for secrets everywhere. */
const grep: Special = (inv, scene) => {
  const wide = inv.operands
    .slice(1)
    .some((value) => /^(?:\/|~|\/etc|\/home|\/root|\/var|~\/\.\w+.*)\/?$/.test(normal(scene, value.text)))
  const recursive =
    inv.options.has('-r') || inv.options.has('-R') || inv.options.has('--recursive') || inv.program === 'rg'
  const pattern = [
    ...inv.operands.slice(0, 1),
    ...inv.arguments.filter(({ option }) => option === '-e').map(({ value }) => value),
  ]
  if (wide && recursive) {
    const secret = pattern.some(({ text }) =>
      /passw|secret|token|api.?key|private.?key|BEGIN|credential|AKIA|ghp_|aws_/i.test(text),
    )
    if (secret || /^(?:~|\/|\/root|\/home)\/?$/.test(normal(scene, inv.operands[1]?.text ?? ''))) {
      report(scene, 'read.secret', inv.words.map(({ text }) => text).join(' '))
    }
  }
  return undefined
}

export const SEARCH_SPECIALS: Readonly<Record<string, Special>> = {
  'find gfind': find,
  'xargs gxargs': xargs,
  'grep egrep fgrep rg ag ack zgrep': grep,
}

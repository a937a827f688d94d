import type { Invocation } from '../invocation.ts'
import { lookAt } from '../looks.ts'
import { regionOf } from '../paths.ts'
import { normal, report, useDelete, useRead, useWrite, type Scene, type Special } from '../scene.ts'
import { literalValue, type Value } from '../words.ts'

/** Interpreters whose copy under another name would run unseen. */
const SHELLS =
  /^(?:\/(?:usr\/)?(?:local\/)?s?bin\/)(?:(?:ba|da|z|k|a|fi|c|tc)?sh|python[\d.]*|perl|ruby|node|php|lua|nc|ncat|socat|busybox|curl|wget|ssh|find|awk|env)$/

const rm: Special = (inv, scene) => {
  const recursive = ['-r', '-R', '--recursive', '-d'].some((option) => inv.options.has(option))
  if (inv.options.has('--no-preserve-root')) report(scene, 'delete.system', 'rm --no-preserve-root')
  for (const value of inv.operands) useDelete(scene, value, recursive)
  return undefined
}

/** Sources and target of `cp`, `mv`, `ln`, `install`. */
function ends(inv: Invocation): { sources: readonly Value[]; target: Value | undefined } {
  const named = inv.arguments.find(({ option }) => option === '-t' || option === '--target-directory')
  if (named !== undefined) return { sources: inv.operands, target: named.value }
  return inv.operands.length > 1
    ? { sources: inv.operands.slice(0, -1), target: inv.operands.at(-1) }
    : { sources: inv.operands, target: undefined }
}

/** A file copied into a directory keeps its name: `cp x ~/.config/autostart/` writes `~/.config/autostart/x`. */
function writeInto(target: Value, sources: readonly Value[], scene: Scene): void {
  const [first] = sources
  const name =
    first?.text
      .split('/')
      .filter((part) => part !== '')
      .at(-1) ?? 'x'
  useWrite(scene, target.text.endsWith('/') ? { ...target, text: `${target.text}${name}` } : target)
  const path = normal(scene, target.text)
  const content = first === undefined ? undefined : scene.state.written.get(normal(scene, first.text))
  if (content !== undefined) scene.state.written.set(target.text.endsWith('/') ? `${path}/${name}` : path, content)
}

const copy: Special = (inv, scene) => {
  const { sources, target } = ends(inv)
  if (inv.program === 'install' && inv.options.has('-d')) {
    inv.operands.forEach((value) => useWrite(scene, value, true))
    return undefined
  }
  for (const source of sources) {
    useRead(scene, source)
    if (SHELLS.test(source.text)) report(scene, 'exec.hidden', `copy of ${source.text}`)
  }
  if (target !== undefined) writeInto(target, sources, scene)
  modes(inv, scene)
  return undefined
}

const move: Special = (inv, scene) => {
  const { sources, target } = ends(inv)
  for (const source of sources) {
    const region = regionOf(normal(scene, source.text))
    if (region !== 'workspace' && region !== 'temporary' && region !== 'unknown') useDelete(scene, source, true)
    useRead(scene, source)
  }
  if (target !== undefined) {
    if (target.text === '/dev/null') sources.forEach((source) => useDelete(scene, source, true))
    writeInto(target, sources, scene)
  }
  return undefined
}

const link: Special = (inv, scene) => {
  const { sources, target } = ends(inv)
  for (const source of sources) {
    useRead(scene, source)
    if (SHELLS.test(source.text)) report(scene, 'exec.hidden', `link to ${source.text}`)
    const region = regionOf(normal(scene, source.text))
    if (/^(?:\/|~|\/etc|\/root|\/home)$/.test(normal(scene, source.text)))
      report(scene, 'read.secret', `link to ${source.text}`)
    else if (region === 'system' && /^\/(?:etc|root|proc|var\/run|run)\b/.test(normal(scene, source.text))) {
      report(scene, 'read.secret', `link to ${source.text}`)
    }
  }
  if (target !== undefined) writeInto(target, sources, scene)
  return undefined
}

/** Modes that make a file run as its owner or open to all. */
function modes(inv: Invocation, scene: Scene): void {
  for (const { option, value } of inv.arguments) {
    if ((option === '-m' || option === '--mode') && setsUserId(value.text))
      report(scene, 'privilege.setuid', value.text)
  }
}

const setsUserId = (mode: string): boolean =>
  /^0?[2-7][0-7]{3}$/.test(mode) && !/^0?[01][0-7]{3}$/.test(mode) ? true : /[ugoa]*[+=][rwxXt]*s/.test(mode)

const chmod: Special = (inv, scene) => {
  const words = inv.words.slice(1).filter((word) => !word.text.startsWith('--') && !/^-[Rvcf]+$/.test(word.text))
  const [mode, ...targets] = words
  if (mode === undefined) return undefined
  if (setsUserId(mode.text)) report(scene, 'privilege.setuid', inv.words.map((word) => word.text).join(' '))
  const recursive = inv.options.has('-R') || inv.options.has('--recursive')
  for (const target of targets) {
    const path = normal(scene, target.text)
    const region = regionOf(path)
    if (region === 'system' || region === 'device') report(scene, 'privilege.permissions', path)
    else if (region === 'home' && (recursive || /[2367]$/.test(mode.text) || /^~\/?$/.test(path)))
      report(scene, 'privilege.permissions', path)
    else if (region === 'above' && recursive) report(scene, 'privilege.permissions', path)
    const opens = /^[0-7]*[67]$/.test(mode.text) || /^(?:[ugo]*[oa][ugo]*)?[+=]\w*[rw]/.test(mode.text)
    if (opens && /(?:^|\/)(?:\.ssh|\.env|\.aws|\.gnupg|id_\w+|\.kube)(?:\/|$)/.test(path))
      report(scene, 'privilege.permissions', path)
    if (/^[0-7]*7$|[+=]\w*x|^[0-7]*[1357][0-7]{0,2}$/.test(mode.text)) {
      const written = scene.state.written.get(path)
      if (written?.network === true) report(scene, 'exec.remote-code', path)
    }
  }
  return undefined
}

const chown: Special = (inv, scene) => {
  const [owner, ...targets] = inv.operands
  if (owner === undefined) return undefined
  for (const target of targets) {
    const region = regionOf(normal(scene, target.text))
    if (region === 'system' || region === 'home') report(scene, 'privilege.permissions', target.text)
  }
  if (/^(?:root|0)(?::|$)/.test(owner.text)) report(scene, 'privilege.permissions', owner.text)
  return undefined
}

const dd: Special = (inv, scene) => {
  let input = ''
  let bounded = false
  let output: Value | undefined
  for (const value of inv.operands) {
    const [, key = '', rest = ''] = /^(\w+)=([\s\S]*)$/.exec(value.text) ?? []
    if (key === 'if') {
      input = rest
      useRead(scene, { ...value, text: rest })
    } else if (key === 'of') output = { ...value, text: rest }
    else if (key === 'count') bounded = true
  }
  if (output !== undefined) useWrite(scene, output)
  if (/^\/dev\/(?:zero|u?random)$/.test(input) && output !== undefined && output.text !== '/dev/null' && !bounded) {
    report(scene, 'abuse.resources', `dd of ${output.text} without end`)
  }
  const size = inv.operands.map(({ text }) => /^count=(\d+)([kMGT]?)/.exec(text)).find((match) => match !== null)
  const block = inv.operands.map(({ text }) => /^bs=(\d+)([kMGT]?)/i.exec(text)).find((match) => match !== null)
  const bytes = amount(size?.[1], size?.[2]) * Math.max(1, amount(block?.[1], block?.[2]?.toUpperCase()))
  if (bytes > 20e9) report(scene, 'abuse.resources', 'dd of many gigabytes')
  return undefined
}

const UNITS: Readonly<Record<string, number>> = { '': 1, k: 1e3, K: 1e3, M: 1e6, G: 1e9, T: 1e12, P: 1e15 }
const amount = (number: string | undefined, unit: string | undefined): number =>
  number === undefined ? 0 : Number(number) * (UNITS[unit ?? ''] ?? 1)

const bigFile: Special = (inv, scene) => {
  for (const { option, value } of inv.arguments) {
    if (!['-l', '--length', '-s', '--size', '-c', '--bytes'].includes(option ?? '')) continue
    const [, number, unit] = /^\+?(\d+)\s*([kKMGTP]?)/.exec(value.text) ?? []
    if (amount(number, unit) > 20e9) report(scene, 'abuse.resources', `${inv.program} ${value.text}`)
    if (inv.program === 'truncate' && amount(number, unit) === 0) {
      for (const target of inv.operands) {
        const region = regionOf(normal(scene, target.text))
        if (region !== 'workspace' && region !== 'temporary' && region !== 'unknown') useDelete(scene, target, false)
      }
    }
  }
  if (inv.operands.some(({ text }) => text === '/dev/zero' || text === '/dev/urandom') && inv.program === 'tail') {
    report(scene, 'abuse.resources', inv.program)
  }
  return undefined
}

const mkdir: Special = (inv, scene) => {
  inv.operands.forEach((value) => useWrite(scene, value, true))
  for (const { option, value } of inv.arguments) {
    if (option === '-m' && setsUserId(value.text)) report(scene, 'privilege.setuid', value.text)
  }
  return undefined
}

/** Members with names that climb, and directories that are not the workspace's. */
const tar: Special = (inv, scene) => {
  const bundle = inv.words[1]?.text ?? ''
  const old = /^[a-zA-Z]+$/.test(bundle) && !bundle.startsWith('-') ? bundle : ''
  const flags = old + [...inv.options].join('')
  const creates = /c|r|u|--create|--append|--update/.test(old || flags.replace(/--(?!create|append|update)[\w-]+/g, ''))
  const directory = inv.arguments.find(({ option }) => option === '-C' || option === '--directory')?.value
  const extracts = /x|--extract|--get/.test(old || flags.replace(/--(?!extract|get)[\w-]+/g, ''))
  if (extracts && directory !== undefined)
    useWrite(scene, { ...directory, text: `${directory.text.replace(/\/$/, '')}/x` })
  if (inv.options.has('-P') || inv.options.has('--absolute-names'))
    if (extracts) report(scene, 'write.outside', 'tar -P')
  if (creates) {
    for (const value of inv.operands) {
      const path = normal(scene, value.text)
      if (/^(?:~|\/|~\/\.\w+.*|\/etc.*|\/home.*|\/root.*|\/var\/lib.*)$/.test(path) && !path.startsWith('/tmp'))
        useSource(path, scene)
    }
  }
  for (const { option, value } of inv.arguments) {
    if (/^(?:-I|--use-compress-program|--compress-program)$/.test(option ?? '') && !COMPRESSORS.test(value.text))
      report(scene, 'exec.escape', value.text)
  }
  const archive = inv.arguments.find(({ option }) => option === '-f' || option === '--file')?.value
  if (archive !== undefined && creates) useWrite(scene, archive)
  if (archive !== undefined && /^[\w.-]+@?[\w.-]*:[^/]/.test(archive.text) && !inv.options.has('--force-local'))
    lookAt(archive, scene, true)
  return undefined
}

function useSource(path: string, scene: Scene): void {
  if (path === '~' || path === '/' || /^\/(?:etc|home|root)\/?$/.test(path)) report(scene, 'read.secret', path)
  else useRead(scene, literalValue(path))
}

const touch: Special = (inv, scene) => {
  for (const value of inv.operands) {
    if (regionOf(normal(scene, value.text)) === 'system' && inv.options.has('-d'))
      report(scene, 'evade.masquerade', value.text)
  }
  return undefined
}

const rsyncLike: Special = (inv, scene) => {
  if (inv.program === 'zip') for (const value of inv.operands.slice(1)) useSource(normal(scene, value.text), scene)
  return undefined
}

const inPlaceFile: Special = (inv, scene) => {
  const inPlace =
    inv.options.has('-i') || [...inv.options].some((option) => option.startsWith('--in-place') || /^-\w*i/.test(option))
  if (!inPlace) return undefined
  const files = inv.arguments.some(
    ({ role, option }) =>
      option !== undefined && (role === 'sed' || role === 'script' || role === 'perl' || role === 'ruby'),
  )
    ? inv.operands
    : inv.operands.slice(1)
  files.forEach((value) => useWrite(scene, value))
  return undefined
}

const COMPRESSORS =
  /^(?:\S*\/)?(?:p?i?gzip|pigz|zstd\w*|pzstd|l?bzip2|pbzip2|pi?xz|xz|lz4|lzma|lzop|lzip|plzip|brotli|compress|unzstd|gunzip|bunzip2|unxz)(?:\s+-\S+)*$/

const listed: Special = (_, scene, input) => {
  for (const path of (input.text ?? '').split('\n').slice(0, 100)) if (path !== '') useRead(scene, literalValue(path))
  return undefined
}

const tee: Special = (inv, scene, input) => {
  for (const value of inv.operands)
    scene.state.written.set(normal(scene, value.text), { text: input.text, network: input.network })
  return undefined
}

const endless: Special = (inv, scene) => {
  if (scene.piped !== true && inv.operands.some(({ text }) => /^\/dev\/(?:zero|u?random)$/.test(text)))
    report(scene, 'abuse.resources', inv.words.map(({ text }) => text).join(' '))
  return undefined
}

const yes: Special = (inv, scene) => {
  if (scene.piped !== true) report(scene, 'abuse.resources', inv.words.map((word) => word.text).join(' '))
  return undefined
}

export const FILE_SPECIALS: Readonly<Record<string, Special>> = {
  rm,
  'cp install ditto gcp': copy,
  'mv gmv rename': move,
  ln: link,
  chmod,
  'chown chgrp': chown,
  'dd dcfldd': dd,
  'fallocate truncate head tail': bigFile,
  mkdir,
  'tar bsdtar gtar': tar,
  touch,
  zip: rsyncLike,
  'sed gsed': inPlaceFile,
  yes,
  cat: endless,
  tee,
  'cpio pax': listed,
}

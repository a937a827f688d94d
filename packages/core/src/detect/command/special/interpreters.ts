import { UNKNOWN } from '../flow.ts'
import { isLocalHost } from '../hosts.ts'
import { regionOf } from '../paths.ts'
import { normal, report, useRead, type Scene, type Special } from '../scene.ts'
import type { Invocation } from '../invocation.ts'
import { literalValue, type Value } from '../words.ts'

const optionValue = (inv: Invocation, ...names: readonly string[]): Value | undefined =>
  inv.arguments.find(({ option }) => option !== undefined && names.includes(option))?.value

const python: Special = (inv, scene, input) => {
  const at = inv.words.findIndex(({ text }) => text === '-m' || /^-[A-Za-z]*m$/.test(text))
  const module = at < 0 ? optionValue(inv, '-m')?.text : inv.words[at + 1]?.text
  if (module === undefined) return undefined
  const rest = at < 0 ? [] : inv.words.slice(at + 2)
  if (module === 'http.server' || module === 'SimpleHTTPServer' || module === 'uploadserver')
    return serve(rest, scene, module)
  if (
    /^(?:pip|pipx|uv|poetry|pytest|black|ruff|mypy|build|twine|virtualenv|venv|pre_commit|flake8|isort|coverage|tox|nox|pdm|hatch|pylint|ansible|conda|awscli)$/.test(
      module,
    )
  ) {
    if (module === 'venv' || module === 'virtualenv') return undefined
    return scene.runWords([literalValue(module), ...rest], scene, input)
  }
  if (
    /^(?:smtpd|aiosmtpd|pyftpdlib|xmlrpc|ftplib|telnetlib|pty|code|pdb|trace|timeit|cProfile|profile|runpy|idlelib|asyncio|webbrowser|pywebio|smtplib|socketserver|wsgiref|http)\b/.test(
      module,
    )
  ) {
    if (!/^(?:trace|timeit|cProfile|profile|http|wsgiref)$/.test(module)) report(scene, 'exec.code', `-m ${module}`)
  }
  return undefined
}

/** A file server: on all interfaces by request, or of something that is not the workspace. */
function serve(words: readonly Value[], scene: Scene, name: string): undefined {
  for (const [index, { text }] of words.entries()) {
    const value = text.includes('=') ? text.slice(text.indexOf('=') + 1) : (words[index + 1]?.text ?? '')
    if (/^(?:-b|--bind|--host|-a|-H)(?:=|$)/.test(text) && !isLocalHost(value, []))
      report(scene, 'network.tunnel', `${name} ${value}`)
    if (/^(?:-b|--bind|--host|-a|-H)(?:=|$)/.test(text) && /^(?:0\.0\.0\.0|::|0)$/.test(value))
      report(scene, 'network.tunnel', `${name} ${value}`)
    if (/^(?:-d|--directory|--root)(?:=|$)/.test(text)) {
      const region = regionOf(normal(scene, value))
      if (region === 'system' || region === 'home' || region === 'above')
        report(scene, 'network.tunnel', `${name} of ${value}`)
    }
  }
  if (
    scene.state.place !== undefined &&
    /^(?:[/~]|\.\.)/.test(scene.state.place) &&
    regionOf(scene.state.place) !== 'temporary'
  ) {
    report(scene, 'network.tunnel', `${name} of ${scene.state.place}`)
  }
  if (name === 'uploadserver') report(scene, 'network.tunnel', name)
  return undefined
}

const httpServer: Special = (inv, scene) => {
  serve(inv.words.slice(1), scene, inv.program)
  for (const value of inv.operands) {
    const region = regionOf(normal(scene, value.text))
    if (/[/~]/.test(value.text) && (region === 'system' || region === 'home'))
      report(scene, 'network.tunnel', value.text)
  }
  return undefined
}

const PRELOADS = ['-r', '--require', '--import', '--loader', '--experimental-loader', '--preload']

const node: Special = (inv, scene) => {
  for (const name of PRELOADS) {
    for (const { option, value } of inv.arguments) {
      if (option !== name) continue
      if (/^(?:https?|data|blob|file):/i.test(value.text)) report(scene, 'exec.preload', value.text)
      const region = regionOf(normal(scene, value.text))
      if (/^(?:\/|~|\.\.)/.test(value.text) && region !== 'workspace') report(scene, 'exec.preload', value.text)
    }
  }
  for (const [index, { text }] of inv.words.entries()) {
    if (/^(?:-r|--require)$/.test(text) && /child_process|^(?:\/tmp|~)/.test(inv.words[index + 1]?.text ?? ''))
      report(scene, 'exec.preload', text)
    if (text === '--inspect' || /^--inspect(?:-brk)?=(?:0\.0\.0\.0|::)/.test(text)) {
      if (text !== '--inspect') report(scene, 'network.tunnel', text)
    }
  }
  return undefined
}

const deno: Special = (inv, scene) => {
  for (const value of inv.operands)
    if (/^(?:https?|npm|jsr|data):/.test(value.text) && !/^(?:npm|jsr):@?[\w./-]+(?:@[\w.^~-]+)?$/.test(value.text))
      report(scene, 'exec.remote-code', value.text)
  for (const { value } of inv.arguments) if (/^https?:/.test(value.text)) report(scene, 'exec.remote-code', value.text)
  return node(inv, scene, UNKNOWN)
}

/** `-MMIME::Base64`, `-Mlib=…`: modules are ordinary, the code says the rest; `-i` writes its files. */
const perl: Special = (inv, scene) => {
  for (const { option, value } of inv.arguments) {
    if (option === '-M' || option === '-m') {
      if (/^(?:-?lib=\/tmp|.*[;(]|IO::Socket|Socket|LWP|Net::|HTTP::Tiny|POSIX=)/.test(value.text))
        report(scene, 'exec.code', `-M${value.text}`)
    }
    if (option === '-I' && /^(?:\/tmp|~|\/dev\/shm)/.test(value.text)) report(scene, 'exec.preload', value.text)
  }
  return undefined
}

const ruby: Special = (inv, scene) => {
  for (const { option, value } of inv.arguments) {
    if (option === '-r' && /^(?:socket|open-uri|net\/|open3|pty|fiddle|webrick|drb|un$|\/|~)/.test(value.text)) {
      report(scene, value.text === 'un' ? 'network.tunnel' : 'exec.code', `-r${value.text}`)
    }
  }
  return undefined
}

const php: Special = (inv, scene) => {
  const host = optionValue(inv, '-S')
  if (host !== undefined) {
    if (/^(?:0\.0\.0\.0|\[::\])/.test(host.text)) report(scene, 'network.tunnel', host.text)
    const root = optionValue(inv, '-t')
    if (root !== undefined && /^(?:system|home)$/.test(regionOf(normal(scene, root.text))))
      report(scene, 'network.tunnel', root.text)
  }
  return undefined
}

/** `bash -c`, `bash -s -- args`, `bash -c -- code`. */
const shell: Special = (inv, scene) => {
  const code = optionValue(inv, '-c')
  if (code?.text.startsWith('-') === true) {
    const [first] = inv.operands
    if (first !== undefined) scene.runWords([literalValue(inv.program), literalValue('-c'), first], scene, UNKNOWN)
    else report(scene, 'exec.hidden', inv.words.map(({ text }) => text).join(' '))
  }
  if (code !== undefined && code.variables.some((name) => /^[@*#]|^\d$/.test(name)) && !code.known) {
    if (/^\s*["']?\$[@*0-9]/.test(code.text)) report(scene, 'exec.computed', code.text)
  }
  if (code !== undefined && !code.known && code.scripts.length === 0 && /^\s*\$\{?\w+\}?\s*$/.test(code.text)) {
    report(scene, 'exec.computed', code.text)
  }
  // `sh -c '"$@"' x rm -rf ~` and `sh -c 'rm $1' x ~`: what follows are the parameters.
  if (code !== undefined && /\$(?:@|\*|\{?[0-9@*])/.test(code.source)) {
    const parameters = inv.operands.slice(1)
    if (parameters.length > 0 && /^\s*(?:exec\s+)?["']?\$(?:@|\*)/.test(code.text))
      scene.runWords(parameters, scene, UNKNOWN)
    parameters.slice(0, 9).forEach((value, index) => {
      const text = code.source.replaceAll(new RegExp(`\\$\\{?${String(index + 1)}\\}?`, 'g'), () => value.text)
      const parsed = scene.parse(text)
      if (text !== code.source && 'script' in parsed) scene.runScript(parsed.script, scene, UNKNOWN)
    })
  }
  return undefined
}

/** What names its module or file in an option that interpreters of this family share. */
const vim: Special = (inv, scene) => {
  for (const { text } of inv.words) {
    if (text.startsWith('+') && text.length > 1) {
      if (/^\+\/?[\w\s.^$*-]*$/.test(text) && !/^\+(?:py|lua|sh|term|exe|call|so)/.test(text)) continue
      scene.runWords([literalValue('ex'), literalValue('-c'), literalValue(text.slice(1))], scene, UNKNOWN)
    }
    if (/^(?:scp|https?|ftp|rsync|dav|fetch|sftp):\/\//.test(text)) report(scene, 'network.upload', text)
  }
  return undefined
}

const less: Special = (inv, scene) => {
  for (const { text } of inv.words.slice(1)) {
    if (/^(?:-\w*)?\+{1,2}\s*!|^\+\S*[!|]/.test(text)) report(scene, 'exec.escape', text)
  }
  return undefined
}

const java: Special = (inv, scene) => {
  const jar = optionValue(inv, '-jar')
  if (jar !== undefined && /^https?:/.test(jar.text)) report(scene, 'exec.remote-code', jar.text)
  if (inv.operands.some(({ text }) => text.endsWith('.java'))) useRead(scene, inv.operands[0] ?? literalValue('-'))
  return undefined
}

export const INTERPRETER_SPECIALS: Readonly<Record<string, Special>> = {
  'python python2 python3 pypy pypy3 python3.10 python3.11 python3.12 python3.13 python3.9': python,
  'node nodejs bun tsx ts-node': node,
  deno,
  'perl perl5': perl,
  'ruby jruby': ruby,
  php,
  'bash sh dash zsh ksh ash fish mksh csh tcsh': shell,
  'vim vi nvim view ex rvim gvim vimdiff': vim,
  'less more most man': less,
  java,
  'http-server serve live-server miniserve dufs darkhttpd static-server browser-sync': httpServer,
}

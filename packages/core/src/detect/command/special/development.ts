import { NOTHING, UNKNOWN } from '../flow.ts'
import { isLocalHost, urlsIn } from '../hosts.ts'
import type { Invocation } from '../invocation.ts'
import { lookAt } from '../looks.ts'
import { judgePackage } from '../packages.ts'
import { normal, report, useDelete, useRead, useWrite, type Scene, type Special } from '../scene.ts'
import { literalValue, type Value } from '../words.ts'

const whole = (inv: Invocation): string => inv.words.map(({ text }) => text).join(' ')

/** Settings of git that run a program or send data elsewhere. */
const GIT_RUNS =
  /^(?:alias\..*|core\.(?:pager|editor|sshcommand|fsmonitor|hookspath|gitproxy|askpass|attributesfile|alternaterefscommand|worktree)|pager\..*|diff\.(?:external|.*\.(?:command|textconv))|difftool\..*|mergetool\..*|merge\..*\.driver|filter\..*\.(?:clean|smudge|process)|credential(?:\..*)?\.helper|credential\.helper|gpg(?:\..*)?\.program|ssh\.variant|sequence\.editor|uploadpack\.packobjectshook|remote\..*\.(?:uploadpack|receivepack|vcs|proxy)|protocol\..*\.allow|protocol\.allow|http\.(?:proxy|.*\.proxy|sslverify|cookiefile|extraheader)|url\..*\.(?:insteadof|pushinsteadof)|init\.templatedir|include(?:if.*)?\.path|interactive\.difffilter|browser\..*|man\..*|web\.browser|guitool\..*|sendemail\..*|trailer\..*\.(?:command|cmd)|tar\..*\.command|imap\.tunnel|instaweb\..*|submodule\..*\.update|safe\.directory|log\.showsignature|commit\.gpgsign|receive\..*|transfer\..*)$/i
const GIT_HARMLESS =
  /^(?:safe\.directory|credential\.helper|http\.extraheader|commit\.gpgsign|log\.showsignature|core\.(?:editor|pager)|pager\..*|receive\..*|transfer\..*|url\..*|init\.templatedir|core\.hookspath)$/i
const HARMLESS_VALUE =
  /^(?:|true|false|cat|less|vim?|nvim|nano|code|code --wait|none|\*|store|cache|manager|osxkeychain|libsecret|git@github\.com:|https:\/\/github\.com\/?|\.\S*hooks?|\.husky(?:\/_)?|\.|\$\S+|\/\S*(?:workspace|work|repo)\S*|emacs|delta|bat|less -\w+)$/

function gitSetting(key: string, value: string, scene: Scene): void {
  if (!GIT_RUNS.test(key)) return
  if (/^core\.hookspath$/i.test(key) && /^(?:\.\/)?\.?\w[\w./-]*$/.test(value)) return
  if (/^url\./i.test(key)) {
    if (
      /^url\.(?:https:\/\/(?:[\w${}:.-]*@)?|git@|ssh:\/\/git@)(?:github\.com|gitlab\.com|bitbucket\.org)[/:]/i.test(key)
    )
      return
  } else if (GIT_HARMLESS.test(key) && HARMLESS_VALUE.test(value)) return
  const alias = /^alias\./i.test(key)
  if (alias && !value.startsWith('!')) return
  report(scene, 'exec.escape', `${key}=${value}`)
  const parsed = scene.parse(value.replace(/^!/, ''))
  if ('script' in parsed) scene.runScript(parsed.script, scene, NOTHING)
}

const GIT_URL = /^(?:ext|fd|transport)::|^-|--upload-pack|ProxyCommand|^[\w+.-]+::/i

const git: Special = (inv, scene) => {
  const words = inv.words.slice(1)
  for (const [index, { text }] of words.entries()) {
    if (text !== '-c' && text !== '--config') continue
    const setting = words[index + 1]?.text ?? ''
    const equals = setting.indexOf('=')
    if (/^[\w.*-]+\.[\w.*:/-]+/.test(setting))
      gitSetting(
        equals < 0 ? setting : setting.slice(0, equals),
        equals < 0 ? 'true' : setting.slice(equals + 1),
        scene,
      )
  }
  const verb = inv.subcommand[0] ?? inv.operands[0]?.text ?? ''
  const operands = inv.subcommand.length > 0 ? inv.operands : inv.operands.slice(1)
  for (const { text } of operands) {
    if (GIT_URL.test(text) && /::|ProxyCommand|upload-pack/.test(text)) report(scene, 'exec.escape', text)
    if (text.startsWith('ssh://-')) report(scene, 'exec.escape', text)
  }
  switch (verb) {
    case 'config': {
      const [key, value] = operands
      const reads =
        inv.options.has('--get') || inv.options.has('-l') || inv.options.has('--list') || value === undefined
      if (key !== undefined && !reads && value !== undefined) gitSetting(key.text, value.text, scene)
      break
    }
    case 'push': {
      const [remote, ...refs] = operands
      if (remote !== undefined && urlsIn(remote.text).length + Number(/^[\w.-]+@[\w.-]+:/.test(remote.text)) > 0)
        report(scene, 'network.upload', whole(inv))
      else if (remote !== undefined && scene.state.written.has(`remote:${remote.text}`))
        report(scene, 'network.upload', whole(inv))
      if (
        refs.some(({ text }) => /^[:+]/.test(text)) ||
        [...inv.options].some((option) => option.startsWith('--force'))
      )
        report(scene, 'history.destroy', whole(inv))
      break
    }
    case 'remote': {
      const sub = inv.subcommand[1] ?? operands[0]?.text
      const names = inv.subcommand[1] === undefined ? operands.slice(1) : operands
      if (sub === 'add' || sub === 'set-url') {
        if (names[0] !== undefined)
          scene.state.written.set(`remote:${names[0].text}`, { text: undefined, network: true })
        if (sub === 'set-url' && names[0]?.text === 'origin') report(scene, 'network.upload', whole(inv))
      }
      break
    }
    case 'clone': {
      for (const { text } of operands.slice(0, 1)) {
        for (const { url, host } of urlsIn(text)) {
          scene.facts.url(url)
          scene.facts.host(host)
        }
        if (/^(?:\/|~|\.\.\/\.\.|file:)/.test(text) && !text.startsWith('/tmp')) useRead(scene, literalValue(text))
      }
      if (operands[0] !== undefined) {
        const name =
          operands[1]?.text ??
          operands[0].text
            .replace(/\.git$/, '')
            .split(/[/:]/)
            .at(-1) ??
          ''
        scene.state.written.set(normal(scene, name), { text: undefined, network: true })
      }
      break
    }
    case 'clean': {
      const dry = inv.options.has('-n') || inv.options.has('--dry-run')
      if (dry) return UNKNOWN
      break
    }
    case 'worktree':
      if (operands[0]?.text === 'add' || inv.subcommand[1] === 'add')
        operands.slice(0, 2).forEach((value) => useWrite(scene, value))
      break
    case 'submodule':
      if (operands[0]?.text === 'add' && operands.some(({ text }) => /^https?:|@/.test(text)))
        report(scene, 'exec.remote-package', whole(inv))
      break
    case 'stash':
      if (/^(?:drop|clear)$/.test(operands[0]?.text ?? '')) report(scene, 'history.destroy', whole(inv))
      break
    case 'checkout':
    case 'restore':
      if (operands.length === 1 && operands[0]?.text === '.') report(scene, 'history.destroy', whole(inv))
      break
    case 'branch':
    case 'tag':
      break
    case 'archive':
      if (inv.options.has('--remote')) report(scene, 'network.upload', whole(inv))
      break
    case 'diff':
      if (inv.options.has('--no-index')) operands.forEach((value) => useRead(scene, value))
      break
    case 'hook':
    case 'daemon':
      report(scene, 'network.tunnel', whole(inv))
      break
    case 'show':
    case 'cat-file':
      for (const value of operands) {
        const path = value.text.includes(':') ? value.text.slice(value.text.indexOf(':') + 1) : ''
        if (path !== '') useRead(scene, literalValue(path))
      }
      break
    case 'rm':
      for (const value of operands) if (/^(?:\/|~|\.\.)/.test(value.text)) useDelete(scene, value, true)
      if (operands.some(({ text }) => text === '.' || text === '*')) report(scene, 'history.destroy', whole(inv))
      break
    default:
  }
  for (const { option, value } of inv.arguments) {
    if (option === '--output' || option === '-O') lookAt(value, scene, true)
  }
  return undefined
}

/** Runners of project scripts are ordinary, unless this very command line wrote what they run. */
const MANIFESTS: Readonly<Record<string, readonly string[]>> = {
  make: ['Makefile', 'makefile', 'GNUmakefile'],
  npm: ['package.json'],
  pnpm: ['package.json'],
  yarn: ['package.json'],
  bun: ['package.json'],
  just: ['justfile', 'Justfile'],
  rake: ['Rakefile'],
  gradle: ['build.gradle'],
  gulp: ['gulpfile.js'],
  pytest: ['conftest.py'],
  docker: ['Dockerfile'],
}

function indirect(inv: Invocation, scene: Scene): void {
  for (const name of MANIFESTS[inv.program] ?? []) {
    const written = scene.state.written.get(name)
    if (written === undefined) continue
    report(scene, 'exec.computed', `${inv.program} runs a ${name} written by the same command`)
  }
}

const npm: Special = (inv, scene) => {
  indirect(inv, scene)
  const text = whole(inv)
  if (/\b(?:config|set|c)\b/.test(inv.words[1]?.text ?? '')) {
    if (
      /\b(?:script-shell|shell|node-options|prefix|editor|viewer|git|cafile|https?-proxy|proxy)\b/.test(text) &&
      /\bset\b/.test(text)
    )
      report(scene, 'exec.preload', text)
    if (
      /\b(?:npmRegistryServer|registry)\b/.test(text) &&
      /\bset\b/.test(text) &&
      !/registry\.npmjs\.org|localhost|127\.0\.0\.1/.test(text)
    )
      report(scene, 'exec.remote-package', text)
    if (/\b(?:get|list|ls)\b/.test(text) && /auth|token|password/i.test(text)) report(scene, 'read.keychain', text)
    if (/_auth|token/i.test(text) && /\bset\b/.test(text)) report(scene, 'persist.access', text)
  }
  if (inv.words[1]?.text === 'pkg' && inv.words[2]?.text === 'set') {
    for (const { source } of inv.words.slice(3)) {
      const [, key = '', value = ''] = /^([^=]+)=([\s\S]*)$/.exec(source) ?? []
      if (!/^scripts[.[]/.test(key)) continue
      const parsed = scene.parse(value)
      if ('script' in parsed) scene.runScript(parsed.script, scene, NOTHING)
      else report(scene, 'opaque.syntax', value)
    }
  }
  return undefined
}

const make: Special = (inv, scene, input) => {
  indirect(inv, scene)
  for (const { text } of inv.words.slice(1)) {
    const [, name = '', value = ''] = /^([A-Z_]+)=([\s\S]*)$/.exec(text) ?? []
    if (/^(?:SHELL|MAKEFLAGS|\.SHELLFLAGS|MAKE)$/.test(name) && !/^(?:\/bin\/|\/usr\/bin\/)?(?:ba)?sh$/.test(value))
      report(scene, 'exec.escape', text)
    else if (/\$\(shell|`|[;|&]/.test(value)) report(scene, 'exec.escape', text)
  }
  const file = inv.arguments.find(({ option }) => option === '-f' || option === '--file' || option === '--makefile')
    ?.value.text
  const process = inv.arguments.some(({ option, value }) => option === '-f' && value.process !== undefined)
  if (process || file === '-' || file === '/dev/stdin')
    report(scene, 'exec.computed', `${whole(inv)} ${input.text ?? ''}`)
  return undefined
}

const npx: Special = (inv, scene, input) => {
  const [first, ...rest] = inv.rest
  if (first === undefined) return undefined
  judgePackage(first, 'npx', scene)
  if (/^(?:localtunnel|lt|ngrok|cloudflared|untun|tunnelmole|serveo|expose|zrok|http-tunnel)\b/.test(first.text))
    report(scene, 'network.tunnel', whole(inv))
  const name = first.text.replace(/(?<=.)@[\w.^~-]+$/, '')
  return scene.runWords(
    [literalValue(name.startsWith('@') ? (name.split('/')[1] ?? name) : name), ...rest],
    scene,
    input,
  )
}

const PIP_CONFIG = /^(?:config|wheel|download)$/

const pip: Special = (inv, scene) => {
  if (inv.subcommand.length === 0) {
    const verb = inv.operands[0]?.text ?? ''
    if (PIP_CONFIG.test(verb) && inv.operands[1]?.text === 'set') report(scene, 'exec.preload', whole(inv))
  }
  for (const { option, value } of inv.arguments) {
    if (
      /^(?:-c|--channel)$/.test(option ?? '') &&
      /^https?:/.test(value.text) &&
      /^(?:conda|mamba|micromamba|pixi)$/.test(inv.program)
    ) {
      report(scene, 'exec.remote-package', value.text)
    }
    if ((option === '-e' || option === '--editable') && /^(?:git\+|https?:)/.test(value.text))
      report(scene, 'exec.remote-package', value.text)
    if (
      /^(?:-i|-f)$/.test(option ?? '') &&
      /^(?:https?|file):/.test(value.text) &&
      !/^https:\/\/(?:pypi\.org|download\.pytorch\.org)\//.test(value.text)
    ) {
      report(scene, 'exec.remote-package', value.text)
    }
    if ((option === '-r' || option === '-c') && /^https?:/.test(value.text))
      report(scene, 'exec.remote-package', value.text)
  }
  return undefined
}

const go: Special = (inv, scene) => {
  const verb = inv.subcommand[0] ?? inv.operands[0]?.text
  if (verb === 'env' && inv.options.has('-w')) report(scene, 'exec.preload', whole(inv))
  for (const { text } of inv.operands)
    if (/^https?:|^(?:\/tmp|~)\//.test(text)) report(scene, 'exec.untrusted-file', text)
  return undefined
}

const composer: Special = (inv, scene) => {
  indirect(inv, scene)
  const text = whole(inv)
  if (/\bconfig\s+repositories|\bnuget\s+add\s+source|--source\s+https?:|npmRegistryServer/.test(text))
    report(scene, 'exec.remote-package', text)
  for (const { option, value } of inv.arguments) {
    if (/^-(?:Dexec\.\w+|Pexec)$/.test(option ?? '') || /exec:(?:exec|java)/.test(value.text))
      report(scene, 'exec.escape', whole(inv))
    if (
      /^https?:/.test(value.text) &&
      !isLocalHost(urlsIn(value.text)[0]?.host ?? '', []) &&
      /^(?:-c|--config|-I|--init-script|-r|--require)$/.test(option ?? '')
    )
      report(scene, 'exec.remote-code', value.text)
  }
  return undefined
}

const gh: Special = (inv, scene) => {
  const [verb, sub] = inv.operands.map((value: Value) => value.text)
  if (verb === 'api') {
    const method = inv.arguments.find(({ option }) => option === '-X' || option === '--method')?.value.text ?? 'GET'
    if (!/^GET$/i.test(method) || inv.words.some(({ text }) => text.startsWith('mutation')))
      report(scene, 'publish.release', whole(inv))
  }
  if (verb === 'auth' && (sub === 'token' || inv.options.has('-t') || inv.options.has('--show-token')))
    report(scene, 'read.keychain', whole(inv))
  if (verb === 'issue' || verb === 'pr') {
    for (const { value } of inv.arguments)
      if (value.scripts.length > 0) {
        const outputs = value.scripts.map((script) => scene.runScript(script, scene, NOTHING))
        if (outputs.some((output) => output.secret)) report(scene, 'network.upload', whole(inv))
      }
  }
  return undefined
}

const cargo: Special = (inv, scene) => {
  for (const [index, { text }] of inv.words.entries()) {
    if (text === '--config') lookAt(inv.words[index + 1] ?? literalValue(''), scene, true)
    if (text.startsWith('--config=') && /runner|linker|rustc-wrapper/.test(text)) report(scene, 'exec.escape', text)
    if (text === '--git' || text.startsWith('--git=')) report(scene, 'exec.remote-package', whole(inv))
  }
  if (inv.words.some(({ text }) => /^(?:target\.|build\.|alias\.).*(?:runner|linker|rustc)/.test(text)))
    report(scene, 'exec.escape', whole(inv))
  return undefined
}

export const DEVELOPMENT_SPECIALS: Readonly<Record<string, Special>> = {
  git,
  'npm pnpm yarn': npm,
  'npx bunx pnpx': npx,
  'make gmake bmake': make,
  'pip pip3 uv poetry pipenv conda mamba micromamba': pip,
  go,
  cargo,
  'mvn gradle ./gradlew gradlew just rake gulp composer dotnet nuget pytest jest eslint prettier vitest mocha webpack':
    composer,
  'gh glab': gh,
}

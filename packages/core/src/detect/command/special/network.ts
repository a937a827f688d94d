import { UNKNOWN } from '../flow.ts'
import { hostIn, isLocalHost, isMetadataHost, urlsIn } from '../hosts.ts'
import type { Invocation } from '../invocation.ts'
import { visitHost } from '../looks.ts'
import { normal, report, useRead, useWrite, type Scene, type Special } from '../scene.ts'
import { literalValue, type Value } from '../words.ts'

const whole = (inv: Invocation): string => inv.words.map(({ text }) => text).join(' ')

const isLocal = (text: string, scene: Scene): boolean => {
  const host = hostIn(text)
  return host !== undefined && isLocalHost(host, scene.policy.localHosts)
}

/** Every address is this machine. */
const staysHere = (values: readonly Value[], scene: Scene): boolean =>
  values.length > 0 && values.every(({ text }) => isLocal(text, scene))

const DATA = new Set([
  '-d',
  '--data',
  '--data-binary',
  '--data-ascii',
  '--data-urlencode',
  '--json',
  '-F',
  '--form',
  '--url-query',
  '--data-raw',
  '--expand-data',
])

const curl: Special = (inv, scene, input) => {
  const urls = inv.arguments.filter(({ role }) => role === 'url').map(({ value }) => value)
  const here = staysHere(urls, scene)
  if (urls.some(({ text }) => /:(?:2375|2376|10250|10255|2379)(?:\/|$)/.test(text)))
    report(scene, 'privilege.container-escape', whole(inv))
  for (const { option, value } of inv.arguments) {
    if (option === undefined) continue
    if (DATA.has(option) || option === '-H' || option === '--header' || option === '-b' || option === '--cookie') {
      for (const path of uploaded(option, value.text)) {
        if (path === '-' || path === '/dev/stdin') {
          if (!here && (input.text === undefined || input.secret)) report(scene, 'network.upload', whole(inv))
        } else {
          const secret = useRead(scene, { ...value, text: path, glob: false })
          if (!here || secret !== undefined) report(scene, 'network.upload', path)
        }
      }
    }
    if (option === '-T' || option === '--upload-file') {
      if (value.text === '-' && here) continue
    }
    if (option === '--resolve' || option === '--connect-to') {
      for (const piece of value.text.split(':'))
        if (isMetadataHost(piece)) report(scene, 'read.metadata-service', value.text)
    }
    if ((option === '-X' || option === '--request') && /^(?:DELETE|PUT|PURGE)$/i.test(value.text) && !here)
      report(scene, 'data.destroy', whole(inv))
    if (option === '-x' && here) continue
  }
  download(inv, urls, ['-o', '--output'], scene)
  if (inv.options.has('-O') || inv.options.has('--remote-name') || inv.options.has('-J')) remoteNames(urls, scene)
  return undefined
}

/** Files whose content an option of curl sends: `@file`, `name=@file`, `name=<file`, `name@file`. */
function uploaded(option: string, text: string): readonly string[] {
  if (option === '--data-raw') return []
  if (option === '-F' || option === '--form') {
    const match = /=[@<]"?([^;,"]+)/.exec(text)
    return match?.[1] === undefined ? [] : [match[1]]
  }
  if (option === '--data-urlencode' || option === '--url-query') {
    const match = /^[\w.-]*@(.+)$/.exec(text)
    return match?.[1] === undefined ? [] : [match[1]]
  }
  return text.startsWith('@') ? [text.slice(1)] : []
}

function download(inv: Invocation, urls: readonly Value[], options: readonly string[], scene: Scene): void {
  const [url] = urls
  for (const { option, value } of inv.arguments) {
    if (option === undefined || !options.includes(option) || value.text === '-') continue
    scene.state.written.set(normal(scene, value.text), {
      text: undefined,
      network: url === undefined || !isLocal(url.text, scene),
    })
  }
}

function remoteNames(urls: readonly Value[], scene: Scene): void {
  for (const { text } of urls) {
    const name =
      text
        .replace(/[?#].*$/, '')
        .split('/')
        .at(-1) ?? ''
    if (name !== '') scene.state.written.set(normal(scene, name), { text: undefined, network: !isLocal(text, scene) })
  }
}

const wget: Special = (inv, scene) => {
  const urls = inv.arguments.filter(({ role }) => role === 'url').map(({ value }) => value)
  download(inv, urls, ['-O', '--output-document'], scene)
  if (!inv.options.has('-O') && !inv.options.has('--output-document')) remoteNames(urls, scene)
  for (const { option, value } of inv.arguments) {
    if (option === '--post-file' || option === '--body-file') {
      if (staysHere(urls, scene)) continue
      report(scene, 'network.upload', value.text)
    }
  }
  if (inv.options.has('-r') || inv.options.has('-m') || inv.options.has('--mirror')) {
    if (!staysHere(urls, scene)) report(scene, 'network.flood', whole(inv))
  }
  return undefined
}

const aria: Special = (inv, scene) => {
  const urls = inv.operands
  download(inv, urls, ['-o', '--out'], scene)
  remoteNames(urls, scene)
  return undefined
}

/** HTTPie: `METHOD url item…`, items `name=@file`, body from the input. */
const httpie: Special = (inv, scene, input) => {
  const [first] = inv.operands
  const method = first !== undefined && /^[A-Z]{3,7}$/.test(first.text) ? first.text : undefined
  const url = method === undefined ? first : inv.operands[1]
  if (url === undefined) return undefined
  visitHost(url.text, scene)
  const here = isLocal(url.text, scene)
  if (!here && (input.text === undefined || input.secret)) report(scene, 'network.upload', whole(inv))
  for (const { text } of inv.operands.slice(method === undefined ? 1 : 2)) {
    const file = /(?:=|:=|@|:)@(.+)$|^[\w-]+@(.+)$/.exec(text)
    const path = file?.[1] ?? file?.[2]
    if (path !== undefined) {
      useRead(scene, literalValue(path))
      if (!here) report(scene, 'network.upload', path)
    }
  }
  if (!here && method !== undefined && /^(?:DELETE|PUT|PATCH)$/.test(method)) report(scene, 'data.destroy', whole(inv))
  return undefined
}

/** Connections by hand: checks of this machine's ports are ordinary, everything else is not. */
const netcat: Special = (inv, scene, input) => {
  const hosts = inv.operands.filter(({ text }) => !/^\d+(?:-\d+)?$/.test(text))
  const checks = [...inv.options].some((option) => /^-\w*z/.test(option))
  const ranges = inv.operands.some(({ text }) => /^\d+-\d+$/.test(text))
  const here = hosts.length > 0 && hosts.every(({ text }) => isLocal(text, scene))
  const listens = [...inv.options].some((option) => /^-\w*l|--listen/.test(option))
  hosts.forEach(({ text }) => visitHost(text, scene))
  if (listens) report(scene, 'network.tunnel', whole(inv))
  else if (checks && (ranges || !here)) {
    if (ranges) report(scene, 'network.scan', whole(inv))
  } else if (!here)
    report(scene, input.text === undefined && input.local ? 'network.upload' : 'network.tunnel', whole(inv))
  else if (input.text === undefined && input.secret) report(scene, 'network.upload', whole(inv))
  return undefined
}

const socat: Special = (inv, scene) => {
  const text = whole(inv)
  if (/\b(?:EXEC|SYSTEM|SHELL):/i.test(text)) report(scene, 'network.reverse-shell', text)
  else report(scene, 'network.tunnel', text)
  return undefined
}

const GIT_HOSTS = /^(?:git@)?(?:github\.com|gitlab\.com|bitbucket\.org|ssh\.dev\.azure\.com|codeberg\.org|git\.sr\.ht)$/

/** `ssh -T git@github.com` checks a key; everything else runs on another host. */
const ssh: Special = (inv, scene) => {
  const [host, ...command] = inv.operands
  if (host === undefined) {
    if (![...inv.options].some((option) => /^-[VQGO]/.test(option))) report(scene, 'network.remote-shell', whole(inv))
    return undefined
  }
  visitHost(host.text.replace(/^ssh:\/\//, ''), scene)
  if (GIT_HOSTS.test(host.text) && command.length === 0) return undefined
  report(scene, 'network.remote-shell', whole(inv))
  if (host.text.startsWith('-')) report(scene, 'exec.escape', host.text)
  const parsed = scene.parse(command.map((word) => word.source).join(' '))
  if (command.length > 0 && 'script' in parsed) scene.runScript(parsed.script, { ...scene, elsewhere: true }, UNKNOWN)
  return { ...UNKNOWN, network: true }
}

const REMOTE = /^(?!\/|\.|~)(?:rsync:\/\/|[\w.+-]+@[\w.[\]:-]+:|[\w.-]+::?(?!\\))/

/** `rsync a/ b/` stays here; `rsync a host:b` sends, `rsync host:a b` fetches. */
const rsync: Special = (inv, scene) => {
  const operands = inv.operands
  const target = operands.at(-1)
  if (operands.length > 1 && target !== undefined) {
    if (REMOTE.test(target.text)) report(scene, 'network.upload', whole(inv))
    else useWrite(scene, target)
    for (const source of operands.slice(0, -1)) {
      if (!REMOTE.test(source.text)) useRead(scene, source)
      else visitHost(source.text.replace(/:.*/, ''), scene)
    }
  }
  if (
    [...inv.options].some((option) => option.startsWith('--delete')) &&
    target !== undefined &&
    /^(?:\/|~)/.test(normal(scene, target.text))
  ) {
    report(scene, 'delete.outside', target.text)
  }
  if (inv.options.has('--daemon')) report(scene, 'network.tunnel', whole(inv))
  return undefined
}

const SENDS =
  /^(?:copy|copyto|sync|move|moveto|bisync|rcat|mount|serve|backup|send|put|mb|upload|push|create|cp|mv|mirror|mput|sync-folder)$/

/** rclone, restic, s3cmd and their kin: a remote name has a colon, a bucket a scheme. */
const bucketCopy: Special = (inv, scene) => {
  const verb = inv.operands[0]?.text ?? ''
  const places = inv.operands.slice(1)
  const target = places.at(-1)
  const remote = (text: string): boolean =>
    /^(?:s3|gs|b2|r2|oss|cos|azure|swift|wasbs?|az|sftp|rest|https?):|^[\w-]+:(?!\\)/.test(text)
  if (SENDS.test(verb) && (target === undefined || remote(target.text) || verb === 'serve' || verb === 'backup'))
    report(scene, 'network.upload', whole(inv))
  if (/^(?:del|delete|rm|rb|purge|deletefile|rmdirs?|forget|prune|cleanup)$/.test(verb))
    report(scene, 'data.destroy', whole(inv))
  if (/^(?:config|listremotes|authorize|obscure|reveal)$/.test(verb)) report(scene, 'read.keychain', whole(inv))
  for (const value of places) if (!remote(value.text)) useRead(scene, value)
  return undefined
}

/** Copies by scp and friends go out, come in, or are a session. */
const scp: Special = (inv, scene) => {
  for (const value of inv.operands) {
    if (!REMOTE.test(value.text)) useRead(scene, value)
    else visitHost(value.text.replace(/:.*/, ''), scene)
  }
  return undefined
}

const load: Special = (inv, scene) => {
  const targets = [
    ...inv.operands,
    ...inv.arguments.filter(({ option }) => option !== undefined).map(({ value }) => value),
  ].filter(({ text }) => urlsIn(text).length > 0)
  if (!staysHere(targets, scene) || targets.length === 0) report(scene, 'network.flood', whole(inv))
  return undefined
}

const ping: Special = (inv, scene) => {
  if ([...inv.options].some((option) => /^-f$|^--flood$/.test(option))) report(scene, 'network.flood', whole(inv))
  for (const { text } of inv.operands) {
    if (text.length > 80 && /[a-z0-9]{32,}/i.test(text)) report(scene, 'network.covert', text)
    if (/\/\d{1,2}$|\d-\d|\*/.test(text) && /^\d/.test(text)) report(scene, 'network.scan', text)
  }
  if (/^(?:dig|host)$/.test(inv.program) && inv.words.some(({ text }) => /^axfr$/i.test(text)))
    report(scene, 'network.scan', whole(inv))
  return undefined
}

const openssl: Special = (inv, scene, input) => {
  const [verb] = inv.subcommand
  const local = inv.arguments
    .filter(({ option }) => option === '-connect')
    .every(({ value }) => isLocal(value.text, scene))
  if (inv.words[1]?.text === 'enc' && inv.words.some(({ text }) => text.endsWith('/found') || text === 'found')) {
    report(scene, 'data.destroy', 'encrypts what find finds')
  }
  if (verb === 's_client' && !local && input.text === undefined && (input.local || input.secret))
    report(scene, 'network.upload', whole(inv))
  if (verb === 's_client' && scene.piped === true && !local && input.text === undefined && !input.local)
    report(scene, 'network.tunnel', whole(inv))
  const command = inv.words[1]?.text ?? ''
  if (
    /^(?:rsa|pkey|ec|dsa|pkcs12|pkcs8)$/.test(command) &&
    !inv.words.some(({ text }) => /^-pub(?:in|out)|^-export$|^-check$/.test(text))
  ) {
    const source = inv.arguments.find(({ option }) => option === '-in')
    if (source !== undefined) useRead(scene, source.value)
  }
  return undefined
}

const gpg: Special = (inv, scene) => {
  if ([...inv.options].some((option) => option.startsWith('--export-secret'))) report(scene, 'read.secret', whole(inv))
  if (inv.options.has('--delete-secret-keys') || inv.options.has('--delete-secret-and-public-key'))
    report(scene, 'delete.outside', whole(inv))
  return undefined
}

export const NETWORK_SPECIALS: Readonly<Record<string, Special>> = {
  'curl curlie': curl,
  'wget wget2': wget,
  'aria2c axel': aria,
  'http https xh xhs httpie': httpie,
  'nc ncat netcat nc.traditional nc.openbsd netcat-openbsd cryptcat': netcat,
  'socat socat1': socat,
  'ssh autossh mosh slogin dbclient plink': ssh,
  rsync,
  'rclone restic borg duplicity s3cmd s4cmd s5cmd gsutil azcopy b2 kopia mc ossutil coscli': bucketCopy,
  'scp sftp pscp rcp': scp,
  'ab wrk wrk2 hey siege vegeta bombardier autocannon k6 locust artillery oha h2load iperf iperf3 loadtest': load,
  'ping ping6 dig nslookup host fping ssh-keyscan': ping,
  openssl,
  'gpg gpg2': gpg,
}

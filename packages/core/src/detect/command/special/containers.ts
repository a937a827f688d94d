import { UNKNOWN } from '../flow.ts'
import { isLocalHost } from '../hosts.ts'
import type { Invocation } from '../invocation.ts'
import { lookAt } from '../looks.ts'
import { judgePath } from '../paths.ts'
import { normal, report, useRead, type Scene, type Special } from '../scene.ts'
import { literalValue } from '../words.ts'

const whole = (inv: Invocation): string => inv.words.map(({ text }) => text).join(' ')

/** Host paths that a container must not see: everything that is not the workspace or a cache. */
const HOST =
  /^(?:\/|\/(?:etc|root|home|var|usr|bin|sbin|lib|boot|dev|proc|sys|run|mnt|opt|host|Users)(?:\/.*)?|~|~\/\..*)$/
const HARMLESS_MOUNT =
  /^\/(?:etc\/(?:localtime|timezone|ssl\/certs.*|ca-certificates.*)|dev\/(?:shm|fuse|kvm|dri.*|net\/tun)|tmp(?:\/.*)?|var\/(?:tmp|cache|lib\/apt).*|usr\/share\/.*|mnt\/data.*)$|^~\/\.(?:m2|npm|cache|gradle|cargo|ivy2|composer|pnpm-store|nuget)(?:\/.*)?$/

function mount(source: string, scene: Scene): void {
  if (source === '' || /^[\w][\w.-]*$/.test(source)) return
  const path = normal(scene, source)
  const effect = judgePath(path, 'read', false)
  if (effect !== undefined && !HARMLESS_MOUNT.test(path))
    report(scene, effect === 'read.secret' ? 'read.secret' : 'privilege.container-escape', source)
  else if (HOST.test(path) && !HARMLESS_MOUNT.test(path)) report(scene, 'privilege.container-escape', source)
}

/** `docker run`: what the container may see and do, then its command. */
const docker: Special = (inv, scene, input) => {
  for (const { option, value } of inv.arguments) {
    const { text } = value
    switch (option) {
      case '-v':
      case '--volume':
        mount(/^[A-Za-z]:[\\/]/.test(text) ? text : (text.split(':', 1)[0] ?? ''), scene)
        break
      case '--mount':
        mount(/(?:^|,)(?:src|source)=([^,]+)/.exec(text)?.[1] ?? '', scene)
        break
      case '--pid':
      case '--ipc':
      case '--uts':
      case '--userns':
      case '--cgroupns':
        if (text === 'host') report(scene, 'privilege.container-escape', `${option}=host`)
        break
      case '--cap-add':
        if (/^(?:CAP_)?(?:ALL|SYS_\w+|NET_RAW|NET_ADMIN|DAC_\w+|BPF|PERFMON|MKNOD|SETUID)$/i.test(text))
          report(scene, 'privilege.container-escape', text)
        break
      case '--security-opt':
        if (/unconfined|disable|=false/.test(text)) report(scene, 'privilege.container-escape', text)
        break
      case '--device':
        if (!/^\/dev\/(?:dri|snd|fuse|kvm|net\/tun|video)/.test(text)) report(scene, 'privilege.container-escape', text)
        break
      case '-e':
      case '--env':
        break
      case '-H':
      case '--host':
        break
      default:
    }
  }
  const operands = inv.words.map(({ text }) => text)
  const verb = inv.subcommand.join(' ') || (operands[1] ?? '')
  if (
    operands.some((text) => /(?:^|\/)[\w-]*(?:xmrig|miner(?!va)|monero|nicehash)/i.test(text)) &&
    /run|create|pull/.test(verb)
  )
    report(scene, 'abuse.mining', whole(inv))
  if (verb === 'cp') copyOut(inv, scene)
  if (/\bps\b|\bimages\b|\blogs\b/.test(verb)) return undefined
  if (/\b(?:inspect|config)\b/.test(verb) && operands.some((text) => /\.Env|\.Config\b/.test(text)))
    report(scene, 'read.environment', whole(inv))
  if (operands.some((text) => /^--privileged(?:=true)?$/.test(text)) && inv.program !== 'systemctl')
    report(scene, 'privilege.container-escape', whole(inv))
  if (inv.program === 'ctr' && operands.some((text) => /src=\/(?:,|$)/.test(text)))
    report(scene, 'privilege.container-escape', whole(inv))
  if (
    /^(?:ctr|crictl|nerdctl|containerd|dockerd)$/.test(inv.program) &&
    /exec|run|task|attach/.test(operands.join(' '))
  )
    report(scene, 'privilege.container-escape', whole(inv))
  if (
    /compose/.test(operands.slice(0, 3).join(' ')) &&
    operands.includes('down') &&
    operands.some((text) => /^(?:-v|--volumes|--rmi)$/.test(text))
  )
    report(scene, 'data.destroy', whole(inv))
  if (/^(?:rm|rmi|kill)$/.test(verb) && operands.some((text) => text.includes('$(')))
    report(scene, 'data.destroy', whole(inv))
  if (verb === 'login') return undefined
  if (inv.rest.length > 0) return scene.runWords(inv.rest, { ...scene, elsewhere: true }, input)
  return undefined
}

function copyOut(inv: Invocation, scene: Scene): void {
  for (const { text } of inv.operands) {
    const path = /^[\w.-]+:(\/.*)$/.exec(text)?.[1]
    if (path === undefined) lookAt(literalValue(text), scene, false)
    else if (judgePath(path, 'read', false) !== undefined) report(scene, 'read.secret', text)
  }
}

const kubectl: Special = (inv, scene, input) => {
  const text = whole(inv)
  const operands = inv.words
    .slice(1)
    .map((word) => word.text)
    .filter((word) => !word.startsWith('-'))
  const [verb = '', kind = ''] =
    inv.subcommand.length > 0 ? [...inv.subcommand, ...inv.operands.map((value) => value.text)] : operands
  const namespace = inv.arguments.find(({ option }) => option === '-n' || option === '--namespace')?.value.text ?? ''
  const dry = inv.words.some((word) => word.text.startsWith('--dry-run') && !/none/.test(word.text))
  if (/^(?:get|describe|edit)$/.test(verb) && /(?:^|,|\/)secrets?(?:,|\/|$)/i.test(kind))
    report(scene, 'read.keychain', text)
  if (verb === 'get' && /^(?:all|\*)/.test(kind) && /secret/.test(text)) report(scene, 'read.keychain', text)
  if (verb === 'delete') {
    report(
      scene,
      /^(?:namespaces?|ns|nodes?|pvc?|persistentvolume\w*|crds?|clusterrole\w*|all|deploy\w*|statefulset\w*|sts|--all)/.test(
        kind,
      ) || inv.words.some((word) => /^(?:--all|-A|--all-namespaces)$/.test(word.text))
        ? 'data.destroy'
        : 'publish.release',
      text,
    )
  }
  if (/^(?:exec|attach|cp|debug|rsh)$/.test(verb) && namespace.startsWith('kube-'))
    report(scene, 'privilege.container-escape', text)
  if (
    /hostPID|hostNetwork|hostIPC|hostPath|privileged["']?\s*[:=]\s*true|allowPrivilegeEscalation["']?\s*:\s*true|nsenter/.test(
      text,
    )
  )
    report(scene, 'privilege.container-escape', text)
  if (verb === 'port-forward') {
    const address = inv.arguments.find(({ option }) => option === '--address')?.value.text
    if (address !== undefined && !address.split(',').every((host) => isLocalHost(host, []) && host !== '0.0.0.0'))
      report(scene, 'network.tunnel', text)
  }
  if (/^(?:apply|create|replace|patch)$/.test(verb)) {
    for (const { option, value } of inv.arguments)
      if (/^(?:-f|--filename|-k|--kustomize)$/.test(option ?? '') && /^https?:/.test(value.text))
        report(scene, 'exec.remote-code', value.text)
  }
  if (dry) return UNKNOWN
  if (/^(?:exec|rsh)$/.test(verb) && inv.rest.length > 0)
    return scene.runWords(inv.rest, { ...scene, elsewhere: true }, input)
  if (verb === 'auth' || verb === 'config') {
    if (/\b(?:set-credentials|set-cluster|view\s+.*--raw|set)\b/.test(text)) report(scene, 'read.keychain', text)
  }
  if (verb === 'cp')
    inv.operands.forEach((value) => useRead(scene, { ...value, text: value.text.replace(/^[\w./-]+:/, '') }))
  if (verb === 'proxy') report(scene, 'network.tunnel', text)
  return undefined
}

const helm: Special = (inv, scene) => {
  if (inv.operands.some(({ text }) => /^https?:/.test(text))) report(scene, 'exec.remote-code', whole(inv))
  if (
    /^(?:get|show)$/.test(inv.operands[0]?.text ?? '') &&
    /values|all|manifest/.test(whole(inv)) &&
    inv.operands[0]?.text === 'get'
  )
    report(scene, 'read.keychain', whole(inv))
  return undefined
}

const etcd: Special = (inv) => {
  const verb = inv.operands[0]?.text ?? inv.subcommand[0]
  return verb === 'endpoint' || verb === 'version' ? UNKNOWN : undefined
}

export const CONTAINER_SPECIALS: Readonly<Record<string, Special>> = {
  'docker podman nerdctl finch ctr crictl docker-compose podman-compose': docker,
  'kubectl oc k': kubectl,
  helm,
  etcdctl: etcd,
}

import { UNKNOWN } from '../flow.ts'
import type { Invocation } from '../invocation.ts'
import { report, useRead, useWrite, type Special } from '../scene.ts'

const whole = (inv: Invocation): string => inv.words.map(({ text }) => text).join(' ')

/** `crontab -l` shows; `crontab file`, `crontab -` and `crontab -e` install. */
const crontab: Special = (inv, scene) => {
  const shows = inv.options.has('-l')
  if (!shows && (inv.operands.length > 0 || inv.words.length === 1 || inv.words.some(({ text }) => text === '-')))
    report(scene, 'persist.startup', whole(inv))
  return UNKNOWN
}

/** `e` in BSD flags, or `-e` with the environment, shows the environment of processes. */
const ps: Special = (inv, scene) => {
  const [first] = inv.operands
  if ((first !== undefined && /^[a-z]*e[a-z]*$/.test(first.text) && inv.words[1] === first) || inv.options.has('-E'))
    report(scene, 'read.environment', whole(inv))
  return UNKNOWN
}

const kill: Special = (inv, scene) => {
  if (
    inv.words.some(({ text }) => text === '-1' || text === '1' || text === '0') &&
    inv.operands.some(({ text }) => /^-?1$/.test(text))
  )
    report(scene, 'system.services', whole(inv))
  if (/(?:^|\s)-(?:9|KILL|SIGKILL)\s+-1\b/.test(whole(inv))) report(scene, 'system.services', whole(inv))
  return undefined
}

const PROTECTION =
  /(?:security|audit|falco|crowdstrike|falcon|sentinel|defender|mdatp|wdav|clam|wazuh|ossec|osquery|sysmon|carbon|cbagent|auditd|rsyslog|syslog|fail2ban|apparmor|selinux|firewall|ufw|sysdig|tripwire|aide|sallyport|gateway|monitor|watchdog|edr|antivirus|\bav\b|suricata|snort|zeek)/i

const services: Special = (inv, scene) => {
  const text = whole(inv)
  if (/\b(?:stop|disable|mask|kill|--signal)\b/.test(text) && PROTECTION.test(text))
    report(scene, 'evade.protection', text)
  if (/^(?:pkill|killall|skill)$/.test(inv.program) && PROTECTION.test(text)) report(scene, 'evade.protection', text)
  return undefined
}

const VIEWS: Readonly<Record<string, RegExp>> = {
  iptables: /^(?:-\w*[LS]\w*|-n|-v|--list\S*|-t \w+ -[LS]\w*)/,
  ip6tables: /^(?:-\w*[LS]\w*|--list\S*)/,
  nft: /^(?:list|-a list)/,
  ufw: /^(?:status|version|show)/,
}

/** Looking at protection is no change to it; the descriptions already counted the change. */
const network: Special = (inv, scene) => {
  const text = inv.words
    .slice(1)
    .map((word) => word.text)
    .join(' ')
  if (inv.program === 'ip' && /\b(?:add|del|set|replace|flush|change)\b/.test(text))
    report(scene, 'system.services', whole(inv))
  if (inv.program === 'ifconfig' && /\b(?:up|down|netmask|hw|promisc)\b/.test(text))
    report(scene, 'system.services', whole(inv))
  if (VIEWS[inv.program]?.test(text) === true) return UNKNOWN
  return undefined
}

const mounts: Special = (inv, scene) => {
  for (const value of inv.operands) {
    if (value.text.startsWith('/')) useRead(scene, value)
  }
  return undefined
}

const brew: Special = (inv, scene) => {
  const verb = inv.operands[0]?.text ?? inv.subcommand[0] ?? ''
  const text = whole(inv)
  if (/Pre-Invoke|Post-Invoke|APT::|Dpkg::(?:Pre|Post)|--eval|%post/i.test(text) && /Invoke|sh\b|--eval/.test(text))
    report(scene, 'exec.escape', text)
  if (
    /^(?:remove|purge|autoremove|uninstall|erase|dist-upgrade|full-upgrade|-R\w*|-e|del|delete)$/.test(verb) &&
    inv.program !== 'brew'
  )
    report(scene, 'system.packages', text)
  for (const value of inv.operands) {
    if (/^(?:\.{0,2}\/|~).*\.(?:deb|rpm|apk|pkg|snap|flatpak)/.test(value.text))
      report(scene, 'system.packages', value.text)
  }
  if (
    inv.words.some((word) =>
      /^--(?:allow-unauthenticated|allow-untrusted|nogpgcheck|no-gpg-checks|force-yes|trusted)$/.test(word.text),
    )
  )
    report(scene, 'exec.remote-package', text)
  return undefined
}

const dateLike: Special = (inv, scene) => {
  if (inv.options.has('-s') || inv.options.has('--set')) report(scene, 'system.services', whole(inv))
  return undefined
}

const sysctl: Special = (inv, scene) => {
  if (inv.operands.some(({ text }) => text.includes('='))) report(scene, 'privilege.kernel', whole(inv))
  return undefined
}

const scriptProgram: Special = (inv, scene) => {
  const [file] = inv.operands
  if (file !== undefined && inv.program === 'script') useWrite(scene, file)
  return undefined
}

export const SYSTEM_SPECIALS: Readonly<Record<string, Special>> = {
  crontab,
  ps,
  kill,
  'systemctl service pkill killall skill launchctl sc': services,
  'iptables ip6tables nft ufw ip ifconfig': network,
  'mount losetup': mounts,
  'apt apt-get aptitude dpkg yum dnf rpm apk pacman brew snap zypper': brew,
  date: dateLike,
  script: scriptProgram,
  sysctl,
}

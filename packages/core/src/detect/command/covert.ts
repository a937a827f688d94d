import { SECRET_NAME } from './assignments.ts'
import type { Stream } from './flow.ts'
import { hostIn, isLocalHost, urlsIn } from './hosts.ts'
import type { Invocation } from './invocation.ts'
import { report, type Scene } from './scene.ts'

const COVERT = new Set([
  'ping',
  'ping6',
  'dig',
  'nslookup',
  'host',
  'drill',
  'kdig',
  'traceroute',
  'whois',
  'getent',
  'fping',
  'hping3',
  'resolvectl',
  'doggo',
  'mtr',
])
const REACHES_OUT =
  /^(?:curl|wget2?|https?|xhs?|curlie|aria2c|fetch|lynx|w3m|links|GET|POST|lwp-request|nc|ncat|netcat|telnet|socat|openssl|ssh|grpcurl|websocat|wscat|mosquitto_pub)$/

/** Data in a name or an address: `dig $(whoami).x`, `curl "https://x/?d=$(cat f)"`, `curl -d "k=$API_KEY"`. */
export function covert(inv: Invocation, scene: Scene, inserted: Stream | undefined): void {
  const names = COVERT.has(inv.program)
  if (!names && !REACHES_OUT.test(inv.program)) return
  if (inserted !== undefined && (inserted.secret || inserted.local || (names && inserted.text === undefined))) {
    const only = inv.words.every(
      (word) => word.scripts.length === 0 || urlsIn(word.text).every(({ host }) => isLocalHost(host, [])),
    )
    const away = inv.words.some((word) =>
      urlsIn(word.text).some(({ host }) => !isLocalHost(host, scene.policy.localHosts)),
    )
    if (inserted.secret || !only || away || names) {
      if (away || names || !inv.words.some((word) => hostIsLocal(word.text, scene))) {
        report(scene, names ? 'network.covert' : 'network.upload', inv.words.map((word) => word.text).join(' '))
      }
    }
  }
  const secrets = inv.words.filter((word) => word.variables.some((name) => SECRET_NAME.test(name.replace(/^!/, ''))))
  if (secrets.length === 0) return
  const hosts = inv.words.flatMap((word) => urlsIn(word.text).map(({ host }) => host))
  for (const word of secrets) {
    const header =
      /^(?:authorization|private-token|x-api-key|x-auth\S*|api-key|x-goog-api-key|circle-token|job-token)\s*[:=]/i.test(
        word.text,
      )
    const owners = word.variables.every(
      (name) => hosts.length > 0 && hosts.every((host) => ownsSecret(name, host, scene)),
    )
    if ((header || !names) && owners && hosts.length > 0) continue
    report(scene, names ? 'network.covert' : 'network.upload', word.text)
  }
}

const hostIsLocal = (text: string, scene: Scene): boolean => {
  const host = text.startsWith('-') ? undefined : hostIn(text)
  return host !== undefined && isLocalHost(host, scene.policy.localHosts)
}

/** Secrets that go where they were issued. */
const ISSUERS: readonly (readonly [name: RegExp, host: RegExp])[] = [
  [/^(?:GITHUB|GH)_|^ACTIONS_/, /(?:^|\.)(?:github\.com|githubusercontent\.com|ghcr\.io)$/],
  [/^(?:GITLAB|CI_JOB|CI_REGISTRY)_?/, /(?:^|\.)gitlab\.(?:com|[\w.-]+)$/],
  [/^OPENAI_/, /(?:^|\.)openai\.com$/],
  [/^ANTHROPIC_/, /(?:^|\.)anthropic\.com$/],
  [/^NPM_/, /(?:^|\.)npmjs\.(?:org|com)$/],
  [/^CODECOV_/, /(?:^|\.)codecov\.io$/],
  [/^SENTRY_/, /(?:^|\.)sentry\.io$/],
  [/^(?:CLOUDFLARE|CF)_/, /(?:^|\.)cloudflare\.com$/],
  [/^(?:DIGITALOCEAN|DO)_/, /(?:^|\.)digitalocean\.com$/],
  [/^SONAR_/, /(?:^|\.)sonarcloud\.io$/],
  [/^SLACK_/, /(?:^|\.)slack\.com$/],
  [/^(?:HF|HUGGINGFACE)_/, /(?:^|\.)huggingface\.co$/],
  [/^CIRCLE_?/, /(?:^|\.)circleci\.com$/],
]

function ownsSecret(name: string, host: string, scene: Scene): boolean {
  if (!SECRET_NAME.test(name) || isLocalHost(host, scene.policy.localHosts)) return true
  return ISSUERS.some(([names, hosts]) => names.test(name) && hosts.test(host))
}

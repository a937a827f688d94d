import { findingAt, type RuleText, type ScanFinding } from '../finding.ts'
import type { ReadCode } from '../scripts/read.ts'
import { BRANDS, hostsIn, isLocal, isOneOf, serviceOf } from '../text/hosts.ts'
import type { Manifest } from './manifest.ts'

const WRONG_HOST: RuleText = {
  id: 'skill.exfiltration.credential-to-stranger',
  severity: 'critical',
  title: 'sends a credential to a host that is not its own',
  why: 'A credential of one service has no business anywhere else.',
  fix: 'Send it to the service that issued it only.',
}
const IN_BODY: RuleText = {
  id: 'skill.exfiltration.credential-in-body',
  severity: 'high',
  title: 'sends a credential as data',
  why: 'A credential that signs a request stands in a header. In the data it is delivered.',
  fix: 'Use it in the header of its own service, or not at all.',
}

const ENV =
  /(?:(?:const|let|var|my|\$)?\s*(\w{1,40})\s*(?::\s*\w+\s*)?=\s*)?(?:os\.environ(?:\.get)?[[(]|os\.getenv\(|process\.env(?:\.|\[\s*)|ENV(?:\.fetch)?[[(]|os\.Getenv\()\s*["'`]?([A-Z][A-Z0-9_]{1,60})/g
const REQUEST =
  /\b(?:requests|httpx|axios|session|client|http|got|needle)\.(?:post|put|patch|request|get)\s*\(|\burlopen\s*\(|\bfetch\s*\(|https?\.request\s*\(|sendBeacon\s*\(/g

/** Credentials of the environment that go where they do not belong. */
export function credentialFindings(
  codes: readonly ReadCode[],
  paths: readonly string[],
  manifest: Manifest | undefined,
): readonly ScanFinding[] {
  const found: ScanFinding[] = []
  const said = `${manifest?.name ?? ''} ${manifest?.description ?? ''}`.toLowerCase()
  for (const [index, { code }] of codes.entries()) {
    const names = [...code.matchAll(ENV)].map(([, variable, name = '']) => ({ variable, name }))
    const secrets = names.filter(({ name }) => /KEY|TOKEN|SECRET|PASSW|CRED|AUTH|PAT$/.test(name))
    if (secrets.length === 0) continue
    for (const match of code.matchAll(REQUEST)) {
      const call = callText(code, match.index)
      const hosts = hostsIn(call)
        .map(({ host }) => host)
        .filter((host) => !isLocal(host) && !host.includes('$') && !host.includes('{'))
      for (const { variable, name } of secrets) {
        const inCall =
          call.includes(name) ||
          (variable !== undefined && new RegExp(`(?<![\\w.])${variable.replace(/\$/g, '\\$')}(?!\\w)`).test(call))
        if (!inCall) continue
        const brand = serviceOf(name)
        const start = match.index
        const end = match.index + Math.min(call.length, 160)
        const domains = brand === undefined ? undefined : BRANDS.get(brand)
        if (
          hosts.length > 0 &&
          domains !== undefined &&
          hosts.every((host) => !isOneOf(host, domains) && !host.includes(brand ?? ''))
        )
          found.push(findingAt(WRONG_HOST, paths[index] ?? '', code, start, end))
        else if (
          hosts.length > 0 &&
          brand === undefined &&
          inBody(call, name, variable) &&
          !hosts.some((host) => host.split('.').some((label) => label.length > 3 && said.includes(label)))
        )
          found.push(findingAt(IN_BODY, paths[index] ?? '', code, start, end))
      }
    }
  }
  return found
}

/** Arguments of a call, up to the bracket that closes it. */
function callText(code: string, from: number): string {
  let depth = 0
  for (let at = code.indexOf('(', from); at >= 0 && at < Math.min(code.length, from + 2000); at++) {
    const char = code[at]
    if (char === '(' || char === '{' || char === '[') depth++
    else if ((char === ')' || char === '}' || char === ']') && --depth === 0) return code.slice(from, at + 1)
  }
  return code.slice(from, from + 2000)
}

/** Outside of what sets headers. */
function inBody(call: string, name: string, variable: string | undefined): boolean {
  const body = call.replace(/(?:headers|auth)\s*[:=]\s*(?:\{[^}]*\}|\([^)]*\)|[\w.]+)/gi, '')
  return body.includes(name) || (variable !== undefined && new RegExp(`(?<![\\w.])${variable}(?!\\w)`).test(body))
}

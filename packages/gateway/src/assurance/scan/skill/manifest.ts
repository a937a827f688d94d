import { parseDocument } from 'yaml'
import { findingAt, findingOf, rulesOf, type ScanFinding } from '../finding.ts'
import { BRANDS } from '../text/hosts.ts'
import { mixedWord } from '../text/characters.ts'
import { imitatedWord } from '../names/imitation.ts'

/** What a manifest declares. */
export interface Manifest {
  readonly name: string
  readonly description: string
  readonly fields: ReadonlyMap<string, unknown>
  /** Tools it allows itself; undefined: says nothing. */
  readonly tools: readonly string[] | undefined
  /** `requires_approval` (HB-33). */
  readonly requiresApproval: boolean | undefined
}

const rule = rulesOf('skill')
const RULES = {
  name: rule(
    'impersonation.look-alike-name',
    'high',
    'name imitates another one',
    'A name that reads like a known one is trusted for the known one.',
    'Use a name of your own.',
  ),
  official: rule(
    'impersonation.official-claim',
    'medium',
    'claims to be official or verified',
    'A file cannot vouch for itself.',
    'Remove the claim.',
  ),
  power: rule(
    'manifest.unlimited',
    'high',
    'declares unlimited rights',
    'Rights without a limit make every other control of the skill void.',
    'Name the tools, hosts and folders that it needs.',
  ),
  wildcard: rule(
    'manifest.wildcard',
    'medium',
    'allows itself every tool',
    'A skill that may use everything is not reviewed for anything.',
    'Name the tools that it needs.',
  ),
  approval: rule(
    'manifest.approval-off',
    'high',
    'turns the approval of its calls off',
    'Who asks must not decide.',
    'Remove the setting.',
  ),
  broken: rule(
    'manifest.unreadable',
    'medium',
    'manifest cannot be read',
    'What cannot be read cannot be reviewed, and hosts may read it otherwise.',
    'Write valid YAML.',
  ),
}

const FRONT = /^\ufeff?\s*---[^\S\n]*\r?\n([^]*?)\r?\n---[^\S\n]*(?:\r?\n|$)/

/** Reads the front matter of a skill, or the JSON manifest of a plugin. Never throws. */
export function readManifest(
  text: string,
  path: string,
): { readonly manifest: Manifest; readonly findings: readonly ScanFinding[] } {
  const isJson = /\.json$/i.test(path)
  const block = isJson ? text : FRONT.exec(text)?.[1]
  if (block === undefined) return { manifest: manifestOf(new Map()), findings: [] }
  let value: unknown
  try {
    if (isJson) value = JSON.parse(block)
    else {
      const document = parseDocument(block, { uniqueKeys: false, stringKeys: false })
      value = document.toJS({ maxAliasCount: 50 }) as unknown
      if (document.errors.length > 0 && (typeof value !== 'object' || value === null))
        throw document.errors[0] ?? new Error('YAML')
    }
  } catch {
    return { manifest: manifestOf(new Map()), findings: [findingOf(RULES.broken, path, block.slice(0, 120))] }
  }
  const fields = new Map(typeof value === 'object' && value !== null ? Object.entries(value) : [])
  const manifest = manifestOf(fields)
  return { manifest, findings: [...nameFindings(manifest, text, path), ...rightFindings(fields, text, path)] }
}

function manifestOf(fields: ReadonlyMap<string, unknown>): Manifest {
  const text = (key: string): string => {
    const value = fields.get(key)
    return typeof value === 'string' ? value : ''
  }
  const approval = fields.get('requires_approval') ?? fields.get('requiresApproval')
  return {
    name: text('name'),
    description: text('description'),
    fields,
    tools: toolsOf(
      fields.get('allowed-tools') ?? fields.get('allowed_tools') ?? fields.get('allowedTools') ?? fields.get('tools'),
    ),
    requiresApproval: typeof approval === 'boolean' ? approval : undefined,
  }
}

function toolsOf(value: unknown): readonly string[] | undefined {
  if (typeof value === 'string') return value.split(/[,\s]+(?![^()]*\))/).filter((tool) => tool !== '')
  if (Array.isArray(value)) return value.filter((tool): tool is string => typeof tool === 'string')
  return undefined
}

function nameFindings({ name, description }: Manifest, text: string, path: string): ScanFinding[] {
  const found: ScanFinding[] = []
  const at = Math.max(0, text.indexOf(name))
  const brands = new Set(BRANDS.keys())
  if (name !== '' && mixedWord(name) !== undefined)
    found.push({
      ...findingAt(RULES.name, path, text, at, at + name.length),
      evidence: `${name}: letters of two alphabets`,
    })
  else if (
    /[^\x20-\x7e]/.test(name) &&
    /[A-Za-z]/.test(name) &&
    /[\p{Script=Cyrillic}\p{Script=Greek}\p{Script=Cherokee}]/u.test(name)
  )
    found.push(findingAt(RULES.name, path, text, at, at + name.length))
  const like = imitatedWord(name, brands) ?? nearBrand(name)
  if (like !== undefined)
    found.push({
      ...findingAt(RULES.name, path, text, at, at + name.length),
      evidence: `${name} for ${like.of}: ${like.how}`,
    })
  const claim =
    /\((?:the )?official\)|\bofficial\b.{0,30}\b(?:skill|integration|plugin|release|server|version|client)\b|\b(?:verified|certified|endorsed|approved|trusted) by (?:anthropic|openai|google|microsoft|clawhub|openclaw|github)\b/i.exec(
      description,
    )
  if (claim !== null)
    found.push(
      findingAt(
        RULES.official,
        path,
        text,
        Math.max(0, text.indexOf(claim[0])),
        Math.max(0, text.indexOf(claim[0])) + claim[0].length,
      ),
    )
  return found
}

/** `githubb-issues`, `slakc`. */
function nearBrand(name: string): { readonly of: string; readonly how: string } | undefined {
  for (const part of name.toLowerCase().split(/[^a-z0-9]+/)) {
    if (part.length < 5 || BRANDS.has(part)) continue
    for (const brand of BRANDS.keys()) {
      if (brand.length < 5 || part === `${brand}s`) continue
      const once = part.replace(/(.)\1+/g, '$1')
      if (once === brand.replace(/(.)\1+/g, '$1') && part !== brand) return { of: brand, how: 'doubled letters' }
      if (part.length === brand.length && part !== brand && [...part].sort().join('') === [...brand].sort().join(''))
        return { of: brand, how: 'swapped letters' }
    }
  }
  return undefined
}

const UNLIMITED: readonly (readonly [key: RegExp, value: RegExp])[] = [
  [
    /^(?:file ?system|fs|files|paths?|directories|read|write|mounts?|root|roots)$/,
    /^(?:\/|\/\*\*?|\*|~|~\/?|c:\\?|all|full|rw:\/|unrestricted)$/i,
  ],
  [
    /^(?:network|net|hosts?|domains?|egress|urls?)$/,
    /^(?:\*|any|all|0\.0\.0\.0\/0|unrestricted|https?:\/\/\*\/?\*?|full|true)$/i,
  ],
  [
    /^(?:shell|exec|execute|commands?|bash|process|subprocess)$/,
    /^(?:\*|any|all|unrestricted|full|bash\(\*\)|sudo|root)$/i,
  ],
  [
    /^(?:env|environment|secrets|credentials|tokens?|scopes?|capabilities|permissions?|access|privileges?|rights)$/,
    /^(?:\*|all|full|any|admin|root|unrestricted|superuser)$/i,
  ],
  [/^(?:sandbox|sandboxed|isolation|confined?)$/, /^(?:false|off|none|disabled|no|host)$/i],
  [/^(?:user|run_?as|uid)$/, /^(?:root|0|administrator|system)$/i],
  [
    /^(?:privileged|elevated|unrestricted|trusted|allow_?all|full_?access|no_?sandbox|host_?access|elevated_?permissions|sudo)$/,
    /^(?:true|yes|on|1)$/i,
  ],
]
const NO_APPROVAL: readonly (readonly [key: RegExp, value: RegExp])[] = [
  [
    /^(?:auto_?approve|auto_?accept|auto_?allow|always_?allow|skip_?(?:confirm|confirmation|approval|permissions?|review)|bypass_?(?:permissions?|approval)|no_?confirm|auto_?run|auto_?confirm|dangerously_?\w+|trust|yolo)$/,
    /^(?:true|yes|on|1|all|\*|always)$/i,
  ],
  [
    /^(?:confirm|confirmation|requires?_?confirmation|ask|approval|human_?review|permission_?mode|approval_?mode|approval_?policy|ask_?for_?approval)$/,
    /^(?:false|off|no|never|none|0|bypasspermissions|yolo|auto|dontask|full-auto)$/i,
  ],
]

function rightFindings(fields: ReadonlyMap<string, unknown>, text: string, path: string): ScanFinding[] {
  const found: ScanFinding[] = []
  const unlimited: string[] = []
  const show = (key: string, value: string): string => `${key}: ${value}`
  for (const [key, value] of leaves(fields)) {
    const name = key.toLowerCase().replace(/-/g, '_')
    if (UNLIMITED.some(([keys, values]) => keys.test(name) && values.test(value))) unlimited.push(show(key, value))
    if (NO_APPROVAL.some(([keys, values]) => keys.test(name) && values.test(value)))
      found.push({
        ...findingAt(
          RULES.approval,
          path,
          text,
          Math.max(0, text.indexOf(key)),
          Math.max(0, text.indexOf(key)) + key.length,
        ),
        evidence: show(key, value),
      })
    if (/^(?:allowed_?tools|tools)$/.test(name) && /^(?:\*|all|any|\.\*)$/i.test(value))
      found.push({
        ...findingAt(
          RULES.wildcard,
          path,
          text,
          Math.max(0, text.indexOf(key)),
          Math.max(0, text.indexOf(key)) + key.length,
        ),
        evidence: show(key, value),
      })
  }
  if (unlimited.length > 0) {
    const many = unlimited.length > 1 || found.length > 0
    found.push({ ...findingOf(RULES.power, path, unlimited.join(', '), many ? 'high' : 'medium') })
  }
  return found
}

/** Scalars below a value with the key that they stand under; lists give one for each member. Bounded; cycles end. */
export function* leaves(
  value: unknown,
  key = '',
  depth = 0,
  seen = new Set<unknown>(),
): Iterable<readonly [key: string, value: string]> {
  if (depth > 24 || seen.has(value)) return
  if (typeof value === 'string') yield [key, value.trim()]
  else if (typeof value === 'boolean' || typeof value === 'number') yield [key, String(value)]
  else if (value instanceof Map) {
    seen.add(value)
    for (const [name, inner] of value as ReadonlyMap<unknown, unknown>)
      yield* leaves(inner, String(name), depth + 1, seen)
  } else if (Array.isArray(value)) {
    seen.add(value)
    for (const inner of value) yield* leaves(inner, key, depth + 1, seen)
  } else if (typeof value === 'object' && value !== null) {
    seen.add(value)
    for (const [name, inner] of Object.entries(value)) yield* leaves(inner, name, depth + 1, seen)
  }
}

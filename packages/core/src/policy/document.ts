import type { JsonObject } from '../json/types.ts'
import type { Severity } from './decision.ts'

/** A policy in the YAML form of the specification (ND-5.1.a), after validation against `POLICY_DOCUMENT_SCHEMA`. */
export interface PolicyDocument {
  readonly schemaVersion?: 1
  /** Content version, digits.digits; must rise with every change (E-54). */
  readonly version: string
  readonly enforcement: 'mandatory' | 'advisory'
  readonly description?: string
  /** Profile for calls that no rule says otherwise about; `minimal` when absent (E-52). */
  readonly default?: string
  readonly profiles?: Readonly<Record<string, readonly string[]>>
  readonly groups?: Readonly<Record<string, readonly string[]>>
  /** Weakenings that somebody chose on purpose. */
  readonly acknowledge?: readonly ('full' | 'advisory')[]
  readonly rules?: readonly PolicyRule[]
}

export interface PolicyRule {
  readonly name: string
  readonly description?: string
  readonly match?: RuleMatch
  /** While the rule matches, tools outside this profile are denied and those in it allowed. */
  readonly profile?: string
  readonly allow?: readonly string[]
  readonly deny?: readonly string[]
  /** `true` = every tool that the rule matches. */
  readonly requireApproval?: boolean | readonly string[]
  readonly approval?: {
    readonly approvers?: readonly string[]
    readonly quorum?: number
    readonly ttl?: number
    readonly remember?: boolean
    readonly presence?: 'device'
  }
  readonly severity?: Severity
  /** Every decision is recorded anyway; `true` also raises an alert record when the rule decides. */
  readonly audit?: boolean
  readonly advice?: string
}

export interface RuleMatch {
  readonly sessionKey?: string | readonly string[]
  readonly contentTrust?: string | readonly string[]
  readonly channel?: string | readonly string[]
  readonly chatType?: string | readonly string[]
  readonly tool?: string | readonly string[]
}

const name = { type: 'string', minLength: 1, maxLength: 64, pattern: '^[A-Za-z0-9_.-]+$' }
const text = { type: 'string', maxLength: 500 }
const names = { type: 'array', items: { type: 'string', minLength: 1, maxLength: 200 }, maxItems: 1000 }
const oneOrMore = {
  anyOf: [
    { type: 'string', minLength: 1 },
    { ...names, minItems: 1 },
  ],
}
const table = { type: 'object', additionalProperties: names }
const object = (properties: JsonObject, required: readonly string[] = []): JsonObject => ({
  type: 'object',
  additionalProperties: false,
  required,
  properties,
})

/** Draft-07, closed: an unknown key is an error (E-53). */
export const POLICY_DOCUMENT_SCHEMA: JsonObject = Object.freeze({
  $schema: 'http://json-schema.org/draft-07/schema#',
  title: 'Sallyport policy',
  ...object(
    {
      schemaVersion: { const: 1 },
      version: { type: 'string', pattern: '^[0-9]{1,9}\\.[0-9]{1,9}$' },
      enforcement: { enum: ['mandatory', 'advisory'] },
      description: text,
      default: name,
      profiles: table,
      groups: table,
      acknowledge: { type: 'array', items: { enum: ['full', 'advisory'] } },
      rules: {
        type: 'array',
        maxItems: 10_000,
        items: object(
          {
            name,
            description: text,
            match: object({
              sessionKey: oneOrMore,
              contentTrust: oneOrMore,
              channel: oneOrMore,
              chatType: oneOrMore,
              tool: oneOrMore,
            }),
            profile: name,
            allow: names,
            deny: names,
            requireApproval: { anyOf: [{ type: 'boolean' }, { ...names, minItems: 1 }] },
            approval: object({
              approvers: names,
              quorum: { type: 'integer', minimum: 1, maximum: 10 },
              ttl: { type: 'integer', minimum: 1, maximum: 86_400 },
              remember: { type: 'boolean' },
              presence: { const: 'device' },
            }),
            severity: { enum: ['critical', 'high', 'medium', 'low', 'info'] },
            audit: { type: 'boolean' },
            advice: text,
          },
          ['name'],
        ),
      },
    },
    ['version', 'enforcement'],
  ),
})

/** A file of policy tests (ND-5.5.a). */
export interface PolicyTestFile {
  readonly name: string
  /** Relative to this file. Absent: all policies that are loaded together with it. */
  readonly policyFile?: string
  /** Tools that the tests call, where the specification does not name them. */
  readonly tools?: Readonly<Record<string, TestTool>>
  readonly tests: readonly PolicyTest[]
}
export interface TestTool {
  readonly effect?: 'read' | 'write' | 'external'
  readonly groups?: readonly string[]
  readonly irreversible?: boolean
  readonly persist?: boolean
  readonly sensitive?: boolean
  readonly annotated?: boolean
  readonly elevated?: boolean
}
export interface PolicyTest {
  readonly name: string
  readonly context?: JsonObject
  readonly toolCall: { readonly name: string; readonly arguments?: JsonObject }
  readonly expected: {
    readonly allowed: boolean
    /** Part of the reason. */
    readonly reason?: string
    readonly requiresApproval?: boolean
    /** Id of a policy that must be among the determining ones. */
    readonly policy?: string
  }
}

const bool = { type: 'boolean' }
const strings = { type: 'array', items: { type: 'string' } }
export const POLICY_TEST_SCHEMA: JsonObject = Object.freeze({
  $schema: 'http://json-schema.org/draft-07/schema#',
  title: 'Sallyport policy tests',
  ...object(
    {
      name: text,
      policyFile: text,
      tools: {
        type: 'object',
        additionalProperties: object({
          effect: { enum: ['read', 'write', 'external'] },
          groups: strings,
          irreversible: bool,
          persist: bool,
          sensitive: bool,
          annotated: bool,
          elevated: bool,
        }),
      },
      tests: {
        type: 'array',
        minItems: 1,
        items: object(
          {
            name: text,
            context: object({
              principal: text,
              sessionKey: text,
              contentTrust: text,
              profile: text,
              channel: text,
              chatType: text,
              surface: text,
              ingress: text,
              purpose: text,
              trustLevel: { enum: [0, 1, 2] },
              approved: bool,
              labels: object({
                tainted: bool,
                integrity: { type: 'integer', minimum: 0, maximum: 3 },
                confidentiality: { type: 'integer', minimum: 0, maximum: 3 },
              }),
              flow: object({
                sinks: strings,
                selectors: strings,
                audiences: strings,
                contentSinks: strings,
                anchored: bool,
                spelledOut: bool,
                reaches: bool,
                confidentialContent: bool,
                confidentialDetail: bool,
                untrustedContent: bool,
                contentConfidentiality: { type: 'integer', minimum: 0, maximum: 3 },
                unvouchedMinor: { type: 'integer' },
                seenUntrusted: bool,
                seenConfidential: bool,
                plan: { enum: ['none', 'in', 'out'] },
              }),
              facts: object({
                hosts: strings,
                domains: strings,
                schemes: strings,
                ports: { type: 'array', items: { type: 'integer' } },
                networks: strings,
                urlSigns: strings,
                addresses: strings,
                paths: strings,
                canonical: strings,
                where: strings,
                places: strings,
                pathSigns: strings,
                pathUnresolved: bool,
                hostUnresolved: bool,
                commands: strings,
                command: { enum: ['none', 'clean', 'ask', 'block'] },
                commandEffects: strings,
                count: { type: 'integer' },
                amountMinor: { type: 'integer' },
                omitted: strings,
                undeclared: strings,
                bytes: { type: 'integer' },
              }),
            }),
            toolCall: object({ name: text, arguments: { type: 'object' } }, ['name']),
            expected: object({ allowed: bool, reason: text, requiresApproval: bool, policy: text }, ['allowed']),
          },
          ['name', 'toolCall', 'expected'],
        ),
      },
    },
    ['name', 'tests'],
  ),
})

import { readFileSync } from 'node:fs'
import { egressRuleOf, inBlock, parseHostRule, SallyportError, toSallyportError } from '@sallyport/core'
import { parseDocument } from 'yaml'
import { z } from 'zod'
import { egressLimits, egressRule, ruleName } from './egress-schema.ts'

/** A file of rules, as it is written for Sallyport. */
const ownFile = z.strictObject({
  version: z.literal(1),
  rules: z.record(ruleName, egressRule).default({}),
  blocked: z.array(z.string()).default([]),
  limits: z.strictObject(egressLimits).prefault({}),
})
/** The short form: hosts, and blocks of addresses that are refused besides those that always are (HB-73). */
const shortFile = z.strictObject({
  allowed_domains: z.array(z.string()).default([]),
  blocked_ranges: z.array(z.string()).default([]),
})

type RulesText = Pick<z.infer<typeof ownFile>, 'rules' | 'blocked'> & Partial<Pick<z.infer<typeof ownFile>, 'limits'>>

/** @throws SallyportError SP_CONFIG_INVALID naming the rule */
export function egressSourceOf({ rules, blocked, limits }: RulesText, refuse: readonly string[] = []) {
  return {
    rules: Object.entries(rules).flatMap(([name, given]) => checked(`rules.${name}`, () => egressRuleOf(name, given))),
    blocked: blocked.map((host) => checked('blocked', () => parseHostRule(host))),
    refuse: refuse.map((block) =>
      checked('blocked_ranges', () => {
        inBlock('127.0.0.1', block)
        return block
      }),
    ),
    limits: limits === undefined ? [] : limitsOf(limits),
  }
}

function limitsOf({ agents, hosts, all }: NonNullable<RulesText['limits']>) {
  return [
    ...Object.entries(agents).map(([holder, given]) => ({ ...given, name: `agent ${holder}`, holder })),
    ...Object.entries(hosts).map(([text, given]) => ({
      ...{ ...given, name: `host ${text}` },
      host: checked('limits.hosts', () => parseHostRule(text)),
    })),
    ...(all === undefined ? [] : [{ ...all, name: 'all' }]),
  ]
}

/** @throws SallyportError SP_CONFIG_INVALID for a file that cannot be read, or that says what nobody would understand */
export function readEgressFile(path: string): ReturnType<typeof egressSourceOf> {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch (cause) {
    throw new SallyportError('SP_CONFIG_INVALID', `egress.files: ${path} cannot be read.`, { cause })
  }
  try {
    return parseEgressFile(text)
  } catch (thrown) {
    throw new SallyportError('SP_CONFIG_INVALID', `egress.files: ${path}: ${toSallyportError(thrown).detail}`, {
      cause: thrown,
    })
  }
}

/** @throws SallyportError SP_CONFIG_INVALID */
export function parseEgressFile(text: string): ReturnType<typeof egressSourceOf> {
  const document = parseDocument(text, { uniqueKeys: true, merge: false, strict: true, prettyErrors: false })
  const [error] = document.errors
  if (error !== undefined) throw wrong(error.message)
  const json = checked<unknown>('egress', () => document.toJS({ maxAliasCount: 0 }))
  const isShort = typeof json === 'object' && json !== null && !('version' in json)
  if (isShort) {
    const short = within(shortFile, json)
    const { allowed_domains: hosts, blocked_ranges: refuse } = short
    const rules = hosts.length === 0 ? {} : { allowed_domains: { hosts } }
    return egressSourceOf({ rules, blocked: [] }, refuse)
  }
  return egressSourceOf(within(ownFile, json))
}

function within<T>(schema: z.ZodType<T>, json: unknown): T {
  const read = schema.safeParse(json)
  if (read.success) return read.data
  const [issue] = read.error.issues
  throw wrong(`${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}`)
}

function checked<T>(where: string, make: () => T): T {
  try {
    return make()
  } catch (cause) {
    throw wrong(`${where}: ${cause instanceof Error ? cause.message : String(cause)}`, cause)
  }
}

const wrong = (message: string, cause?: unknown): SallyportError =>
  new SallyportError('SP_CONFIG_INVALID', message, { cause })

import {
  canonicalJson,
  denyFile,
  exceptionClause,
  narrowestAllow,
  narrowestDeny,
  otherArguments,
  testFileOf,
  withClause,
  type Decision,
  type ExpectedCall,
  type JsonObject,
  type PolicyRequest,
  type PolicyTestFile,
  type RegisteredTool,
} from '@sallyport/core'
import { Document, isMap, isSeq } from 'yaml'
import { decide } from '../decide.ts'
import type { RecordedCall, ToolsNow } from '../recorded.ts'
import type { LivePolicy } from '../service.ts'

/** A call that a person was asked about, with the arguments that would have run. */
export interface AskedCall {
  readonly id: string
  readonly auditId: string
  readonly args: JsonObject
  /** What asked: rules, and what is no rule. */
  readonly by: readonly string[]
}
export type ProposedEffect = 'allow' | 'deny'

/** The narrowest rule for calls like one that was asked about, or why there is none. It decides nothing. */
export type Proposal =
  | { readonly possible: false; readonly effect: ProposedEffect; readonly why: string }
  | {
      readonly possible: true
      readonly effect: ProposedEffect
      /** The new rule, or the clause that the rules that asked get. */
      readonly cedar: string
      readonly sentences: readonly string[]
      /** Rules that get the clause. */
      readonly changes: readonly { readonly id: string; readonly file: string }[]
      /** File to look at first. */
      readonly file: string
      readonly edits: readonly { readonly path: string; readonly text: string }[]
      readonly request: PolicyRequest
    }

interface About {
  readonly asked: AskedCall
  readonly recorded: RecordedCall
  readonly live: LivePolicy
  readonly tools: ToolsNow
}

/** `effect` for calls like the one that was asked about, as edits of the policy in force. */
export function propose(about: About, effect: ProposedEffect): Proposal {
  const { asked, recorded, live, tools } = about
  const tool = tools.find(recorded.tool)
  if (tool === undefined) return { possible: false, effect, why: `${recorded.tool} is gone.` }
  const { context } = recorded.request
  const isWhole = canonicalJson(context.args) === canonicalJson(asked.args)
  // of what the log masks, what it leads to is read anew; what only the machine of the call knew stays
  const facts = isWhole ? context.facts : { ...tools.describe(tool, asked.args).facts, ...ofMachine(context.facts) }
  const request = { ...recorded.request, context: { ...context, args: asked.args, facts } }
  return effect === 'deny'
    ? denial(about, tool, request)
    : exception(about, tool, request, decide(live.bundle, request))
}

const ofMachine = (facts: PolicyRequest['context']['facts']): Partial<PolicyRequest['context']['facts']> => {
  const { paths, named, pathUnresolved, canonical, where, places, pathSigns, command, commandEffects } = facts
  return { paths, named, pathUnresolved, canonical, where, places, pathSigns, command, commandEffects }
}

function denial(about: About, tool: RegisteredTool, request: PolicyRequest): Proposal {
  const found = narrowestDeny(tool, request, about.recorded.request.context.args)
  if (!found.ok) return { possible: false, effect: 'deny', why: found.why }
  const name = nameOf(about.asked)
  const id = `${name}.deny`
  const cedar = denyFile(request, id, found.conditions)
  const file = `from-approvals/${name}-deny.cedar`
  const wanted = { allowed: false, requiresApproval: false, policy: id }
  return {
    possible: true,
    effect: 'deny',
    cedar,
    sentences: [
      `${request.principal.id} does not get to use ${tool.id} for this any more. Nobody is asked.`,
      ...found.sentences,
      'Other agents and other values are decided as before.',
    ],
    changes: [],
    file,
    edits: [{ path: file, text: cedar }, tests(about, tool, request, wanted, found.held)],
    request,
  }
}

function exception(about: About, tool: RegisteredTool, request: PolicyRequest, now: Decision): Proposal {
  const no = (why: string): Proposal => ({ possible: false, effect: 'allow', why })
  const { asked, recorded, live } = about
  const known = new Map(live.policies.map((policy) => [policy.id, policy]))
  const alien = asked.by.filter((id) => !known.has(id))
  if (alien.length > 0) return no(`${alien.join(', ')} asked, and no policy answers for it.`)
  if (now.outcome === 'allow') return no('The policy in force allows such calls already.')
  if (now.outcome === 'deny') return no(`The policy in force denies such calls: ${now.reason}`)
  const rules = now.determining.flatMap((id) => known.get(id) ?? [])
  const fixed = rules.filter(({ file }) => file.startsWith('preset:base.'))
  if (fixed.length > 0)
    return no(
      whyFixed(
        fixed.map(({ id }) => id),
        request,
      ),
    )
  const found = narrowestAllow(tool, request, recorded.request.context.args)
  if (!found.ok) return no(found.why)
  const cedar = exceptionClause(request, found.conditions)
  const texts = new Map(live.files.filter(({ language }) => language === 'cedar').map(({ path, text }) => [path, text]))
  const edits = new Map<string, string>()
  for (const { id, file, text } of rules) {
    const changed = withClause(edits.get(file) ?? texts.get(file) ?? '', text, cedar)
    if (changed === undefined)
      return no(`${id} is not written in Cedar, so its exception is written by hand, in ${file}.`)
    edits.set(file, changed)
  }
  const [first] = rules
  return {
    possible: true,
    effect: 'allow',
    cedar,
    sentences: [
      `${request.principal.id} uses ${tool.id} without a question.`,
      ...found.sentences,
      'Everybody and everything else is asked about as before, and every rule that comes with Sallyport goes on asking.',
    ],
    changes: rules.map(({ id, file }) => ({ id, file })),
    file: first?.file ?? '',
    edits: [
      ...[...edits].map(([path, text]) => ({ path, text })),
      tests(about, tool, request, { allowed: true }, found.held),
    ],
    request,
  }
}

/** Why no rule takes the place of a person, and what does. */
function whyFixed(ids: readonly string[], { principal, context }: PolicyRequest): string {
  if (ids.every((id) => id.startsWith('base.trust-')))
    return `${principal.id} is at trust level ${context.session.trustLevel}, where a person is asked whatever the rules say. Raise it first: sallyport agents trust ${principal.id} 2`
  return `${ids.join(', ')} ${ids.length === 1 ? 'comes' : 'come'} with Sallyport and always ${ids.length === 1 ? 'asks' : 'ask'}: no rule takes the place of a person there.`
}

const nameOf = ({ id }: AskedCall): string => id.replaceAll(/[^\w-]/g, '').slice(0, 40)

/** The call, one that names something else, and the same of another agent; what the last two come to is as it was. */
function tests(
  { asked, live, tools }: About,
  tool: RegisteredTool,
  request: PolicyRequest,
  expected: ExpectedCall['expected'],
  held: JsonObject,
): { readonly path: string; readonly text: string } {
  const asBefore = (name: string, like: PolicyRequest): ExpectedCall[] => {
    const { outcome, determining } = decide(live.bundle, like)
    const [policy] = determining
    if (outcome === 'deny') return []
    if (outcome === 'allow') return [{ name, request: like, expected: { allowed: true } }]
    const asks = { allowed: false, requiresApproval: true, ...(policy === undefined ? {} : { policy }) }
    return [{ name, request: like, expected: asks }]
  }
  const withArgs = (args: JsonObject): PolicyRequest => {
    const { facts } = tools.describe(tool, args)
    return {
      ...request,
      context: { ...request.context, args, facts: { ...facts, omitted: request.context.facts.omitted } },
    }
  }
  const other = otherArguments(held)
  const somebody = { ...request, principal: { ...request.principal, id: 'somebody-else' } }
  const file = testFileOf(`From request ${nameOf(asked)}`, tool, [
    { name: 'the call that was asked about', request: withArgs(held), expected },
    ...(other === undefined ? [] : asBefore('something else is decided as before', withArgs(other))),
    ...asBefore('another agent is decided as before', somebody),
  ])
  return { path: `from-approvals/${nameOf(asked)}.test.yaml`, text: yamlText(file) }
}

/** Tests with a line or two for each member, as people write them. */
function yamlText(file: PolicyTestFile): string {
  const document = new Document(file, { aliasDuplicateObjects: false })
  for (const path of [['tools'], ['tests']]) {
    const list = document.getIn(path)
    const items = isMap(list) ? list.items.map(({ value }) => value) : isSeq(list) ? list.items : []
    for (const item of items) {
      if (!isMap(item)) continue
      if (path[0] === 'tools') item.flow = true
      else for (const { value } of item.items) if (isMap(value)) value.flow = true
    }
  }
  return document.toString({ lineWidth: 118 })
}

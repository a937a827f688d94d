import {
  actionModel,
  actionsNamed,
  cedarSchema,
  groupIds,
  nearest,
  PRINCIPAL_TYPES,
  principalTypesNamed,
  type ActionModel,
  type PrincipalType,
  type ToolForPolicy,
} from '@sallyport/core'
import type { Cedar, CedarFault } from './cedar.ts'
import type { Issue } from './position.ts'
import type { LocatedPolicy } from './read-policies.ts'
import { representatives } from './representatives.ts'

/** Server name of the stand-ins that make empty groups checkable; no real server has a `#` in its name. */
const SAMPLE = '#sample'

/**
 * How much has to hold. `change`: everything. `start`: the policies themselves and their tests; a tool that does not fit is
 * blocked alone, so that no server can keep a policy out. `in-force`: the same for files that are in force already, whose tests
 * were green then.
 */
export type CheckExtent = 'change' | 'start' | 'in-force'

export interface NamingInput {
  readonly policies: readonly LocatedPolicy[]
  readonly actions: readonly ActionModel[]
  readonly extent: CheckExtent
}

/** Policies against the names of a registry: which can be type-checked, and which wait for a tool. */
export interface Naming {
  readonly input: NamingInput
  readonly active: readonly LocatedPolicy[]
  readonly inactive: Readonly<Record<string, readonly string[]>>
  /** Actions that policies name and no tool has. */
  readonly stubs: readonly string[]
  /** Types that the policies name: enough to check with, not to decide with. */
  readonly principals: readonly PrincipalType[]
}

/** Finds every action that policies name. Problems go to `issues`. */
export function resolveNames(input: NamingInput, issues: Issue[]): Naming {
  const known = namesOf(input.actions)
  // at a start no server counts as inspected: a policy may name what it has not shown yet
  const servers = input.extent === 'change' ? inspectedServers(input.actions) : new Set<string>()
  const inactive: Record<string, readonly string[]> = {}
  const stubs = new Set<string>()
  const active: LocatedPolicy[] = []
  for (const policy of input.policies) {
    const named = actionsNamed(policy.est)
    const unknown = [...new Set([...named.scope, ...named.body])].filter((id) => !known.has(id))
    const wrong = input.extent === 'in-force' ? [] : unknown.filter((id) => !isPending(id, servers))
    for (const id of wrong) issues.push(unknownAction(policy, id, known))
    if (wrong.length > 0) continue
    for (const id of unknown) stubs.add(id)
    if (unknown.length > 0) {
      inactive[policy.id] = unknown
      const text = `no inspected server has ${unknown.join(', ')} yet: this policy waits for it`
      issues.push({ severity: 'warning', file: policy.file, line: policy.line, col: policy.col, message: text })
    }
    const waiting = named.scope.length > 0 && named.scope.every((id) => stubs.has(id))
    if (!waiting) active.push(policy)
  }
  return { input, active, inactive, stubs: [...stubs], principals: principalTypes(input.policies) }
}

/** Strict type check of policies against a registry: action → why its policies do not fit. Other problems go to `issues`. */
export function checkTypes(naming: Naming, cedar: Cedar, issues: Issue[]): Readonly<Record<string, string>> {
  const { input, active, inactive, stubs, principals } = naming
  const faults = checkAll(cedar, input.actions, active, stubs, principals)
  const blocked: Record<string, string> = {}
  const real = onePerPlace(faults.errors.filter((fault) => !isSampleArgument(fault)))
  if (real.length > 0 && input.extent !== 'change') {
    const failing = new Set(real.map((fault) => fault.policyId))
    const suspects = active.filter((policy) => failing.has(policy.id))
    const named = [...new Set([...stubs, ...namesOf(input.actions)])]
    // what is wrong without any tool is wrong with the policy
    const isOwnFault = checkAll(cedar, [], suspects, named, principals).errors.some((fault) => !isSampleArgument(fault))
    for (const action of isOwnFault ? [] : input.actions) {
      const alone = check(cedar, cedarSchema([action], named, principals), suspects).errors[0]
      if (alone !== undefined)
        blocked[action.id] = `policy ${alone.policyId ?? ''} does not fit this tool: ${alone.message}`
    }
  }
  if (real.length > 0 && Object.keys(blocked).length === 0)
    for (const fault of real) issues.push(faultIssue(active, fault, 'error'))
  // A policy that can never apply is a mistake worth saying; one that waits for its tools is not.
  for (const fault of faults.warnings) {
    const policy = active.find(({ id }) => id === fault.policyId)
    if (policy !== undefined && !/applicable action/.test(fault.message) && inactive[policy.id] === undefined) {
      issues.push(faultIssue(active, fault, 'warning'))
    }
  }
  return blocked
}

const namesOf = (actions: readonly ActionModel[]): ReadonlySet<string> =>
  new Set([...groupIds(actions), ...actions.map((action) => action.id)])

/** Servers whose own tools are known; what MCP has besides tools (`mcp:resources/read`) every server has before it was seen. */
const inspectedServers = (actions: readonly ActionModel[]): ReadonlySet<string> =>
  new Set(actions.filter(({ id, server }) => !id.startsWith(`${server}.mcp:`)).map(({ server }) => server))

/** A tool of a server that is not inspected yet: `server.tool` where nothing of that server is known. */
function isPending(id: string, servers: ReadonlySet<string>): boolean {
  const dot = id.indexOf('.')
  return dot > 0 && !servers.has(id.slice(0, dot))
}

function unknownAction(policy: LocatedPolicy, id: string, known: ReadonlySet<string>): Issue {
  const near = nearest(id, known)
  const hint = near === undefined ? 'no tool and no group has this name' : `did you mean "${near}"?`
  const byte = Buffer.from(policy.text).indexOf(`"${id}"`)
  const place = policy.at(Math.max(0, byte))
  return { severity: 'error', file: policy.file, ...place, message: `unknown action "${id}" (${hint})` }
}

/** Principals have no attributes, so types that no policy names are all the same to it. */
function principalTypes(policies: readonly LocatedPolicy[]): readonly PrincipalType[] {
  const named = new Set(policies.flatMap(({ est }) => [...principalTypesNamed(est)]))
  return PRINCIPAL_TYPES.filter((type) => type === 'Agent' || named.has(type))
}

const CHUNK = 5

/**
 * Checks policies for a single action against a schema of few actions, and the others against one action of each kind: the
 * engine type-checks every policy for every action of its schema.
 */
function checkAll(
  cedar: Cedar,
  actions: readonly ActionModel[],
  policies: readonly LocatedPolicy[],
  stubs: readonly string[],
  principals: readonly PrincipalType[],
): { readonly errors: readonly CedarFault[]; readonly warnings: readonly CedarFault[] } {
  const models = new Map(actions.map((action) => [action.id, action]))
  const single = new Map<string, LocatedPolicy[]>()
  const broad: LocatedPolicy[] = []
  for (const policy of policies) {
    const { scope } = actionsNamed(policy.est)
    const [only] = scope
    const direct = policy.est.action.op === '==' && only !== undefined && models.has(only) ? only : undefined
    if (direct === undefined) broad.push(policy)
    else single.set(direct, [...(single.get(direct) ?? []), policy])
  }
  const named = new Set(broad.flatMap(({ est }) => Object.values(actionsNamed(est)).flat()))
  const kinds = representatives(actions, broad, named)
  const results = [check(cedar, cedarSchema([...kinds, ...sampleActions(actions)], stubs, principals), broad)]
  const entries = [...single]
  for (let at = 0; at < entries.length; at += CHUNK) {
    const chunk = entries.slice(at, at + CHUNK)
    const members = chunk.flatMap(([, list]) => list)
    const here = new Set(chunk.map(([id]) => id))
    const others = members.flatMap(({ est }) => actionsNamed(est).body).filter((id) => !here.has(id))
    const own = chunk.flatMap(([id]) => models.get(id) ?? [])
    results.push(check(cedar, cedarSchema(own, [...new Set([...others, ...stubs])], principals), members))
  }
  return { errors: results.flatMap(({ errors }) => errors), warnings: results.flatMap(({ warnings }) => warnings) }
}

function check(
  cedar: Cedar,
  schema: ReturnType<typeof cedarSchema>,
  policies: readonly LocatedPolicy[],
): { readonly errors: readonly CedarFault[]; readonly warnings: readonly CedarFault[] } {
  if (policies.length === 0) return { errors: [], warnings: [] }
  const answer = cedar.validate(schema, Object.fromEntries(policies.map(({ id, text }) => [id, text])))
  return answer.ok ? answer.value : { errors: answer.faults, warnings: [] }
}

function faultIssue(policies: readonly LocatedPolicy[], fault: CedarFault, severity: Issue['severity']): Issue {
  const policy = policies.find(({ id }) => id === fault.policyId)
  const message = `${fault.message}${policy === undefined ? '' : ` [${policy.id}]`}`
  if (policy === undefined) return { severity, file: 'schema', line: 1, col: 1, message }
  return { severity, file: policy.file, ...policy.at(fault.start), message }
}

/** One stand-in per group that has no tool, so that a typo is found before the first server is there. */
function sampleActions(actions: readonly ActionModel[]): readonly ActionModel[] {
  const filled = new Set(actions.flatMap((action) => [...action.ancestors]))
  return groupIds(actions)
    .filter((group) => !filled.has(group))
    .map((group) => {
      const effect = group === 'read' || group === 'write' ? group : 'external'
      const annotation = { effect, groups: [group], args: {}, irreversible: false, persist: false } as const
      const tool: ToolForPolicy = { id: `${SAMPLE}.${group}`, server: SAMPLE, annotation, annotated: true }
      return actionModel(tool)
    })
}

/** The same mistake is reported once per tool: the first that names a real one is enough. */
function onePerPlace(faults: readonly CedarFault[]): readonly CedarFault[] {
  const kept = new Map<string, CedarFault>()
  for (const fault of faults) {
    const key = `${fault.policyId ?? ''}@${fault.start}`
    const known = kept.get(key)
    if (known === undefined || (known.message.includes(SAMPLE) && !fault.message.includes(SAMPLE))) kept.set(key, fault)
  }
  const plain = (text: string): string => text.replace(/ for Action::"#sample[^"]*"/, '')
  return [...kept.values()].map((fault) => ({ ...fault, message: plain(fault.message) }))
}

/** What a stand-in lacks, a real tool may have. */
const isSampleArgument = (fault: CedarFault): boolean =>
  fault.message.includes(SAMPLE) && fault.message.includes('args')

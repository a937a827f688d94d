import { isJsonObject, toSallyportError, type JsonObject } from '@sallyport/core'
import type { SkillUse, SkillUsePort, SkillVerdict } from '../../../boundary/ports-skills.ts'
import { refuse, type Refusal } from '../../../boundary/ports.ts'
import type { ServerSpec } from '../../../execution/upstream/spec.ts'
import { entryOf, versionOf, type NamedVersion } from '../register.ts'
import { beyond, judgeUse, type Behind, type Reach } from './judge-use.ts'
import { isManifestFile } from './known-files.ts'
import type { LoadedByInstance, LoadedBy } from './loaded.ts'
import { placesOf, touchedBy, type Objection, type PlacesDeps, type Touched } from './places.ts'
import type { KnownSkills } from './register-cache.ts'
import { namingsOf, reachOfServer } from './servers.ts'
import { canonical, isPattern, isTooMuch, pathsIn, textsIn, type Naming } from './words.ts'

/** Hosts' tools that load a skill → the argument that names it. */
const LOADERS: ReadonlyMap<string, string> = new Map([['Skill', 'skill']])
/** A host runs with all that its person has. */
const HOST: Reach = { egress: true, secrets: true }

export interface GuardUseDeps extends PlacesDeps {
  /** Whether there is anything to guard; asked with every call. */
  readonly isNeeded: () => boolean
  readonly known: () => Promise<KnownSkills>
  readonly loaded: Pick<LoadedByInstance, 'of' | 'add'>
  /** What the host would load by this name. @throws SallyportError what speaks against it */
  readonly mayLoad: (name: string) => Promise<readonly NamedVersion[]>
  readonly specOf: (alias: string) => ServerSpec | undefined
}

/** The guard on skills at run time. */
export interface SkillUseGuard extends SkillUsePort {
  /** Before a server is started: what it is started from may be used, with all that it gets. */
  mayStart(spec: ServerSpec): Promise<Refusal | undefined>
  /** Which of these paths lie in skills that may not be used, or hold some where agents load them from, and why. */
  withheld(paths: readonly string[]): Promise<readonly (Objection & { readonly path: string })[]>
}

export function guardUse(deps: GuardUseDeps): SkillUseGuard {
  const touched = async (namings: readonly Naming[], known: KnownSkills): Promise<readonly Touched[]> => {
    // patterns alone are held against them, and most calls have none
    const places = namings.some(({ text }) => isPattern(text)) ? await placesOf(known, deps) : []
    const paths = new Set(namings.flatMap((naming) => pathsIn(naming, places)))
    const found = await Promise.all([...paths].map((path) => touchedBy(path, known, deps)))
    return found.filter((one) => one !== undefined)
  }

  async function look(use: SkillUse): Promise<SkillVerdict> {
    const { call, args, caller } = use
    const { instance } = caller.principal
    const byName = await loadedByName(use, deps)
    if (isRun(use) && isTooMuch(textsIn(args))) return { refusal: TOO_MUCH }
    const known = await deps.known()
    const spec = call.enforcement === 'gateway' ? deps.specOf(call.server) : undefined
    const [inArgs, inServer] = await Promise.all([
      isWrite(use) ? [] : touched(namingsIn(args, call.cwd, spec), known),
      spec === undefined ? [] : touched(namingsOf(spec), known),
    ])
    const runs = (one: Touched): boolean => isRun(use) && (one.objection !== undefined || isRunnable(one))
    const running = [...inServer, ...inArgs.filter(runs)]
    // a copy of a file is read by whoever may; to run it is to use the skill
    const objections = [...inServer, ...inArgs].flatMap((one) =>
      one.objection === undefined || (one.copy && !running.includes(one)) ? [] : [one.objection],
    )
    const now = [...byName, ...[...inServer, ...inArgs].flatMap(versionRead)]
    if (objections.length === 0 && now.length > 0) await deps.loaded.add(instance, now.map(loadedOf))
    const { skills, lost } = deps.loaded.of(instance)
    const behind: readonly Behind[] = [
      ...running.flatMap((one): readonly Behind[] => (one.objection === undefined ? [{ ...one, how: 'runs' }] : [])),
      ...skills.map((one) => standing(one, known)),
      ...(lost === true ? [UNKNOWN] : []),
    ]
    const place = call.enforcement === 'host' ? HOST : reachOfServer(spec)
    return judgeUse(use, behind, objections, place)
  }

  return {
    look(use) {
      if (!deps.isNeeded()) return undefined
      return look(use).catch((thrown: unknown) => {
        const { code, message } = toSallyportError(thrown)
        return { refusal: refuse(code, message) }
      })
    },
    async mayStart(spec) {
      if (!deps.isNeeded()) return undefined
      try {
        const found = await touched(namingsOf(spec), await deps.known())
        return found.map((one) => startRefusal(one, spec)).find((one) => one !== undefined)
      } catch (thrown) {
        const { code, message } = toSallyportError(thrown)
        return refuse(code, message)
      }
    },
    async withheld(paths) {
      if (!deps.isNeeded()) return []
      const known = await deps.known()
      const own = paths.map(canonical)
      const held = (await placesOf(known, deps)).filter((place) => own.some((path) => place.startsWith(`${path}/`)))
      const all = await Promise.all([...own, ...held].map((path) => touchedBy(path, known, deps)))
      return all.flatMap((one) => (one?.objection === undefined ? [] : [{ path: one.path, ...one.objection }]))
    },
  }
}

const TOO_MUCH = refuse('SP_SKILL_NOT_ADMITTED', 'The call names more than is looked through for skills; split it.')
const UNKNOWN: Behind = { how: 'loaded', name: 'unknown', version: undefined }

function startRefusal(one: Touched, spec: ServerSpec): Refusal | undefined {
  if (one.objection !== undefined) return refuse(one.objection.code, one.objection.reason)
  const over = beyond(one.version, reachOfServer(spec))
  return over === undefined ? undefined : refuse('SP_SKILL_TERMS', `The skill ${one.name} would run where it ${over}.`)
}

/** Writing a file uses no skill; what may be written where is a matter of policy. */
const isWrite = ({ tool, described }: SkillUse): boolean =>
  described.effect === 'write' && tool.annotation.groups.includes('group:fs')

const isRun = ({ tool, described }: SkillUse): boolean =>
  described.effect !== 'read' && !tool.annotation.groups.includes('group:fs')

const isRunnable = ({ mark }: { readonly mark?: NamedVersion['version']['files'][number] | undefined }): boolean =>
  mark === undefined || mark.part === 'code' || mark.executable

/** A skill is loaded by its own text, or by its code that runs. */
const versionRead = (one: Touched): readonly NamedVersion[] =>
  one.objection === undefined && (one.mark === undefined || isManifestFile(one.mark.path) || isRunnable(one))
    ? [one]
    : []

const loadedOf = ({ name, version }: NamedVersion): LoadedBy => ({ name, hash: version.hash })

/** What became of a version that was loaded. */
const standing = ({ name, hash }: LoadedBy, { register }: KnownSkills): Behind => ({
  how: 'loaded',
  name,
  version: versionOf(entryOf(register, name), hash),
})

function namingsIn(args: JsonObject, cwd: string | undefined, spec: ServerSpec | undefined): readonly Naming[] {
  const own = spec !== undefined && 'cwd' in spec ? spec.cwd : undefined
  return textsIn(args).map((text) => ({ text, cwd: cwd ?? own }))
}

/** The skills that a host is about to load, by their names. @throws SallyportError what speaks against one */
async function loadedByName({ call, args }: SkillUse, { mayLoad }: GuardUseDeps): Promise<readonly NamedVersion[]> {
  const argument = call.enforcement === 'host' ? LOADERS.get(call.tool) : undefined
  const value = argument === undefined || !isJsonObject(args) ? undefined : args[argument]
  if (typeof value !== 'string') return []
  // `notes`, or `plugin:notes` for both
  const names = value
    .replace(/^\//, '')
    .split(':')
    .filter((part) => part !== '')
  const found: NamedVersion[] = []
  for (const name of names) found.push(...(await mayLoad(name)))
  return found
}

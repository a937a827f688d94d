import { existsSync, realpathSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import type { FSWatcher } from 'chokidar'
import { SallyportError, toSallyportError, type Json, type LogRecord } from '@sallyport/core'
import { Memory } from './alerts/memory.ts'
import type { AdmissionDeps } from './assurance/admission/admit.ts'
import { anchored, recoverRegister, RegisterAnchor } from './assurance/admission/anchor.ts'
import {
  allowSkill,
  approveSkill,
  promoteSkill,
  rejectSkill,
  rollBackSkill,
  unblockSkill,
} from './assurance/admission/decide.ts'
import { createSkillGate, type SkillGate, type SkillNews } from './assurance/admission/gate.ts'
import { lookAround, lookAtPlace, type LookAroundDeps } from './assurance/admission/look-around.ts'
import { EMPTY, entryOf, versionOf, type Register } from './assurance/admission/register.ts'
import { rescan } from './assurance/admission/rescan.ts'
import { createSkillStore } from './assurance/admission/store.ts'
import { guardUse, type SkillUseGuard } from './assurance/admission/use/guard-use.ts'
import { SharedSkills } from './assurance/admission/nodes/shared-skills.ts'
import { LoadedByInstance } from './assurance/admission/use/loaded.ts'
import { registerCache } from './assurance/admission/use/register-cache.ts'
import { canonical } from './assurance/admission/use/words.ts'
import { skillReview, skillRows } from './assurance/admission/view.ts'
import type { Clock, EvidencePort, Random } from './boundary/ports.ts'
import { configPath, type LoadedConfig } from './config/load.ts'
import type { Layout } from './config/paths.ts'
import type { GatewayKeys } from './custody/keys.ts'
import type { SkillsPort } from './ingress/api/skills-routes.ts'
import type { ServerSpec } from './execution/upstream/spec.ts'
import { SkillScan } from './assurance/admission/scan/thread.ts'
import type { Store } from './store/ports.ts'

export interface SkillsDeps {
  readonly loaded: LoadedConfig
  readonly files: Layout
  readonly keys: Pick<GatewayKeys, 'mac'>
  readonly store: Store
  readonly evidence: Pick<EvidencePort, 'enqueue'>
  readonly clock: Clock
  readonly random: Random
  readonly record: (kind: LogRecord['kind'], level: LogRecord['level'], body: object) => LogRecord
  readonly notice: (line: string) => void
  /** Takes secrets out of what stands in a difference. */
  readonly redact: (text: string) => string
  /** How a server is started; undefined: there is none. */
  readonly specOf: (alias: string) => ServerSpec | undefined
}

/** Skills of one gateway: what is admitted, looked at again and again. */
export interface Skills {
  readonly gate: SkillGate
  readonly routes: SkillsPort
  /** What the boundary, starts of servers and confined runs ask (SYS-4, HB-33, E-80). */
  readonly guard: SkillUseGuard
  /** Watches from now on. */
  readonly start: () => void
  /** Rules of the scan are others now. */
  readonly rulesChanged: () => void
  readonly close: () => Promise<void>
}

/** What of a difference goes into the log. */
const MOST_LINES = 60
const MOST_TEXT = 6_000
/** Quiet for so long, ms, before what was noticed is looked at. */
const QUIET = 250
const LEAST_INTERVAL = 1_000

/** Puts register, scan, gate and watch together. Nothing is scanned and no folder is made before there is a skill. */
export async function createSkills(deps: SkillsDeps): Promise<Skills> {
  const { loaded, files, keys, clock, random, evidence, record, notice } = deps
  const { watch, interval, unknown } = loaded.config.skills
  const anchor = await RegisterAnchor.open({ store: deps.store, evidence, record })
  const kept = createSkillStore({ directory: files.skills, key: keys.mac, random })
  const store = anchored(kept, anchor)
  const isThere = (): boolean => anchor.current !== undefined || existsSync(files.skills)
  const scanner = new SkillScan({ directory: files.rules, keys: loaded.config.rules.keys })
  let over = false
  const tell = (news: SkillNews): void => {
    if (over) return
    const { event, severity, name, hash, found, message } = news
    const diff = deps.redact((news.diff ?? []).slice(0, MOST_LINES).join('\n').slice(0, MOST_TEXT))
    notice(`${severity}: ${event}: ${message}`)
    const about = { name: event, severity, message, skill: name, hash, ...(found === undefined ? {} : { found }) }
    evidence.enqueue([record('alert', 'warn', { ...about, ...(diff === '' ? {} : { diff }) })])
  }
  const admission: AdmissionDeps = {
    ...{ store, clock },
    scan: async (skill) => {
      try {
        return await scanner.scan(skill)
      } catch (thrown) {
        // a scan that was ended with the gateway says nothing about the skill
        throw over ? new SallyportError('SP_SKILL_BUSY', 'The gateway ends.') : thrown
      }
    },
  }
  const gate = createSkillGate({ ...admission, tell })
  const looking: LookAroundDeps = { ...admission, gate, tell }
  const shared = deps.store.driver === 'postgres' ? new SharedSkills(store, deps.store) : undefined
  const folders = watch.map((path) => folderOf(loaded, path))
  const steps = createStepLog(deps)
  const told = new Set<string>()

  let running: Promise<void> = Promise.resolve()
  const soon = (task: () => Promise<void>): void => {
    running = running.then(async () => {
      if (over) return
      try {
        await task()
      } catch (thrown) {
        const { message } = toSallyportError(thrown)
        if (told.has(message)) return
        told.add(message)
        tell({ event: 'skill.trouble', severity: 'critical', name: '', hash: '', message })
      }
    })
  }
  /** A register that does not follow the one before is taken note of, and what it lets in is off. */
  const sound = async (): Promise<void> => {
    try {
      await store.read()
    } catch (thrown) {
      if (toSallyportError(thrown).code !== 'SP_SKILL_ROLLED_BACK') throw thrown
      const off = await recoverRegister(kept, anchor, clock)
      const what =
        off.length === 0 ? 'Nothing was in force by it.' : `Off until it is reviewed again: ${off.join(', ')}.`
      const message = `The register of skills was replaced by an older one. ${what} Look at the block list, too.`
      tell({ event: 'skill.rolled_back', severity: 'critical', name: off.join(', '), hash: '', message })
    }
  }
  const round = async (): Promise<void> => {
    if (isThere()) await sound()
    if (existsSync(files.skills)) await gate.check()
    await lookAround(folders, told, looking)
    await shared?.exchange()
    await steps.write(existsSync(files.skills) ? await store.read() : EMPTY)
  }

  let watcher: FSWatcher | undefined
  let watching = false
  let quiet: NodeJS.Timeout | undefined
  const noticed = (): void => {
    clearTimeout(quiet)
    quiet = setTimeout(() => soon(round), QUIET)
    quiet.unref()
  }
  const unwatch = deps.store.watch(({ kind }) => {
    if (kind === 'skill' && shared !== undefined) noticed()
  })
  const beginWatching = async (): Promise<void> => {
    if (watching || (folders.length === 0 && !existsSync(files.skills))) return
    watching = true
    const { watch: open } = await import('chokidar')
    if (over) return
    const fresh = join(files.skills, '.new')
    watcher = open([files.skills, ...folders], {
      ...{ ignoreInitial: true, followSymlinks: false, persistent: false },
      ignored: (path: string) => path === fresh || path.startsWith(`${fresh}/`),
    })
    watcher.on('all', noticed).on('error', noticed)
  }
  const timer = setInterval(
    () => {
      void beginWatching()
      soon(round)
    },
    Math.max(LEAST_INTERVAL, interval),
  )
  timer.unref()

  const guard = guardUse({
    ...{ directory: canonical(files.skills), watched: folders, specOf: deps.specOf },
    isNeeded: () => folders.length > 0 || isThere(),
    known: registerCache(store),
    loaded: await LoadedByInstance.open(deps.store),
    lookAt: (place) => lookAtPlace(place, told, looking),
    async mayLoad(name) {
      // what lies where the host will read it is looked at now, not when it was last
      const seen = await lookAround(folders, told, looking, name)
      const objection = seen.find((one) => one.objection !== undefined)?.objection
      if (objection !== undefined) throw new SallyportError(objection.code, objection.reason)
      if (seen.length > 0) return seen.flatMap((one) => (one.objection === undefined ? [one.skill] : []))
      try {
        const { hash } = await gate.load(name, 'internal')
        const version = versionOf(entryOf(await store.read(), name), hash)
        return version === undefined ? [] : [{ name, version }]
      } catch (thrown) {
        if (unknown === 'deny' || toSallyportError(thrown).code !== 'SP_SKILL_UNKNOWN') throw thrown
        return []
      }
    },
  })

  const json = (value: unknown): Json => JSON.parse(JSON.stringify(value)) as Json
  /** Decisions are in the log before their answer. */
  const decided = async (work: Promise<unknown>): Promise<Json> => {
    const answer = json((await work) ?? null)
    await steps.write(await store.read())
    noticed()
    return answer
  }
  return {
    gate,
    guard,
    start() {
      void beginWatching()
      soon(async () => {
        if (isThere()) await sound()
        if (existsSync(files.skills)) await store.repair()
        await round()
      })
    },
    rulesChanged() {
      scanner.renew()
      soon(() => rescan({ ...admission, tell }))
    },
    async close() {
      over = true
      clearInterval(timer)
      clearTimeout(quiet)
      unwatch()
      await watcher?.close()
      scanner.close()
      await running
      await anchor.settled()
    },
    routes: {
      list: async () => {
        const register = await store.read()
        return json({ skills: skillRows(register), block: register.block, allow: register.allow })
      },
      show: async (name, hash) => json(await skillReview(store, name, hash)),
      approve: (decision, approval) => decided(approveSkill(decision, approval, admission)),
      reject: (decision) => decided(rejectSkill(decision, admission)),
      promote: (decision) => decided(promoteSkill(decision, admission)),
      rollback: (decision) => decided(rollBackSkill(decision, admission)),
      async allow(rule, by, reason) {
        await allowSkill({ ...rule, by, reason, at: clock.now() }, admission)
        evidence.enqueue([
          record('gateway', 'warn', { event: 'skill.allowed', actor: by, reason, skill: rule.name, ...rule }),
        ])
      },
      async unblock(rule, by, reason) {
        await unblockSkill(rule, admission)
        evidence.enqueue([record('gateway', 'warn', { event: 'skill.unblocked', actor: by, reason, ...rule })])
      },
    },
  }
}

/** `~` is this account's home; links are resolved once, so that what is watched is what is looked at. */
function folderOf(loaded: LoadedConfig, path: string): string {
  const own = configPath(loaded, path.replace(/^~(?=\/|$)/, homedir()))
  try {
    return realpathSync(own)
  } catch {
    return own
  }
}

/** Versions of skills and how many of their steps are in the log. */
type Recorded = Readonly<Record<string, number>>

/** Writes what became of skills into the log, also what the command line did while no gateway ran (HB-3): who, what, why. */
function createStepLog({ store, evidence, record }: SkillsDeps): { write(register: Register): Promise<void> } {
  const memory = new Memory<Recorded>(store, 'skills.recorded')
  let last: Recorded | undefined
  let queue = Promise.resolve()
  const write = async ({ skills }: Register): Promise<void> => {
    last ??= (await memory.read()) ?? {}
    const before = new Map(Object.entries(last))
    const all = Object.entries(skills).flatMap(([name, { versions }]) =>
      versions.map(({ hash, history }) => ({ name, hash, history, id: `${name}@${hash}` })),
    )
    const steps = all.flatMap(({ name, hash, history, id }) =>
      history.slice(before.get(id) ?? 0).map((step) => ({ name, hash, ...step })),
    )
    const nameOf = (id: string): string => id.slice(0, id.lastIndexOf('@'))
    const gone = new Set([...before.keys()].map(nameOf).filter((name) => !Object.hasOwn(skills, name)))
    if (steps.length + gone.size === 0) return
    evidence.enqueue([
      ...steps
        .toSorted((one, other) => one.at - other.at)
        .map(({ name, hash, to, by, reason, of }) =>
          record('gateway', to === 'pending_review' ? 'info' : 'warn', {
            ...{ event: `skill.${to}`, skill: name, hash, actor: by, reason, decidedBy: of },
          }),
        ),
      ...[...gone].map((name) => record('gateway', 'warn', { event: 'skill.removed', skill: name })),
    ])
    last = Object.fromEntries(all.map(({ id, history }) => [id, history.length]))
    await memory.write(last)
  }
  return {
    write(register) {
      queue = queue.then(
        () => write(register),
        () => write(register),
      )
      return queue
    },
  }
}

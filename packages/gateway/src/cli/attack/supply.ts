import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { SallyportError } from '@sallyport/core'
import type { AdmissionDeps } from '../../assurance/admission/admit.ts'
import { erase } from '../../assurance/admission/folders.ts'
import { createSkillGate } from '../../assurance/admission/gate.ts'
import { inspectSkill } from '../../assurance/admission/inspect.ts'
import { createSkillStore } from '../../assurance/admission/store.ts'
import { verifyLock } from '../../assurance/admission/verify-lock.ts'
import type { SupplyCase } from '../../assurance/attack/supply/case.ts'
import { INSTALLED_CHANGES } from '../../assurance/attack/supply/drift-installed.ts'
import { LOCKED_CHANGES } from '../../assurance/attack/supply/drift-locked.ts'
import { SERVED_CHANGES } from '../../assurance/attack/supply/drift-served.ts'
import { playInstalled, playLocked, playServed, type DriftControls } from '../../assurance/attack/supply/play-drift.ts'
import { playSubject, type SubjectControls } from '../../assurance/attack/supply/play-subjects.ts'
import { readSubjects } from '../../assurance/attack/supply/subjects.ts'
import { scanMcp } from '../../assurance/scan/mcp/scan-mcp.ts'
import { systemClock } from '../../clock.ts'
import { RULES } from '../../places.ts'
import { systemRandom } from '../../random.ts'
import { safeJson } from '../approvals/json.ts'
import type { CliIo, CliOptions } from '../command.ts'
import { scanDeps } from '../scan/deps.ts'
import { asJson } from '../skills/room.ts'
import { printSupply } from './print-supply.ts'
import { countSupply } from '../../assurance/attack/supply/case.ts'

/** Suites over what is installed rather than over calls (HB-147). */
export const SUPPLY_SUITES = ['skills', 'drift'] as const
export type SupplySuite = (typeof SUPPLY_SUITES)[number]
export type SupplyControls = SubjectControls & DriftControls

/** Suites that come with their features. */
export const LATER_SUITES: readonly string[] = ['memory', 'a2a']

/** Options that say something about policies and calls; there are none here. */
const OTHERS = ['data', 'preset', 'policy', 'plan', 'fuzz', 'seed', 'ablate'] as const

const PLAYS: Readonly<Record<SupplySuite, (controls: SupplyControls) => AsyncGenerator<SupplyCase>>> = {
  async *skills(controls) {
    for (const name of ['skills', 'servers'])
      for (const subject of readSubjects(`${RULES}supply/${name}.yaml`)) yield playSubject(subject, 'attack', controls)
    for (const subject of readSubjects(`${RULES}supply/benign.yaml`)) yield playSubject(subject, 'benign', controls)
  },
  async *drift(controls) {
    for (const change of INSTALLED_CHANGES) yield playInstalled(change, controls)
    for (const change of LOCKED_CHANGES) yield playLocked(change, controls)
    for (const change of SERVED_CHANGES) yield playServed(change, controls)
  },
}

/**
 * Plays a suite against the scan, admission, lock and comparison of the product, in a directory of its own.
 * @param weaken another set of controls, for tests of the suite itself
 * @throws SallyportError SP_CLI_USAGE for options of other suites, SP_ATTACK_DATA
 */
export async function attackSupply(
  io: CliIo,
  suite: SupplySuite,
  options: CliOptions,
  weaken: (controls: SupplyControls) => SupplyControls = (controls) => controls,
): Promise<number> {
  const other = OTHERS.find((name) => options[name] !== undefined && options[name] !== false)
  if (other !== undefined) throw new SallyportError('SP_CLI_USAGE', `--${other} is not for the suite ${suite}.`)
  const directory = mkdtempSync(join(tmpdir(), 'sallyport-attack-'))
  try {
    const cases: SupplyCase[] = []
    for await (const each of PLAYS[suite](weaken(await controlsIn(directory)))) cases.push(each)
    const counts = countSupply(cases)
    if (io.json) io.out(safeJson(asJson({ summary: { suite, ...counts }, cases })))
    else printSupply(io, suite, cases, options['cases'] === true)
    return counts.passed + counts.held > 0 ? 1 : 0
  } finally {
    await erase(directory)
  }
}

/** 3: what is not there cannot be attacked, and is not clean. */
export function attackLater(io: CliIo, suite: string): number {
  io.out(io.json ? safeJson({ summary: { suite, status: 'not installed' }, cases: [] }) : `${suite}: not installed`)
  return 3
}

async function controlsIn(directory: string): Promise<SupplyControls> {
  const deps = await scanDeps()
  const store = createSkillStore({
    ...{ directory: join(directory, 'skills'), key: systemRandom.bytes(32), random: systemRandom },
  })
  const admission: AdmissionDeps = { store, scan: (skill) => inspectSkill(skill, deps), clock: systemClock }
  const gate = createSkillGate({ ...admission, tell: () => undefined })
  return {
    ...{ admission, verify: verifyLock, load: (name) => gate.load(name, 'internal') },
    scanServers: (kind, files) => scanMcp(kind, files, deps),
    compare: (before, now) =>
      scanMcp(
        'pair',
        [
          ['before.json', before],
          ['now.json', now],
        ],
        deps,
      ),
  }
}

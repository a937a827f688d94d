import { spawnSync } from 'node:child_process'
import { chmodSync, cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parse } from 'yaml'
import { describe, expect, test } from 'vitest'
import { read, ROOT } from './diagram.ts'

interface Step {
  readonly name?: string
  readonly run?: string
  readonly uses?: string
  readonly if?: string
  readonly 'continue-on-error'?: unknown
}
interface Workflow {
  readonly on: Readonly<Record<string, unknown>>
  readonly permissions: unknown
  readonly jobs: Readonly<Record<string, { readonly steps: readonly Step[]; readonly 'continue-on-error'?: unknown }>>
}
const workflow = (name: string): Workflow => parse(read(`.github/workflows/${name}.yml`)) as Workflow
const steps = (of: Workflow): readonly Step[] => Object.values(of.jobs).flatMap((job) => job.steps)

describe('continuous integration', () => {
  test('AC-1.3.4: check and tests run on every pull request, and nothing makes a red one green', () => {
    const ci = workflow('ci')
    expect(ci.on).toHaveProperty('pull_request')
    expect(ci.on['pull_request'] ?? {}).not.toHaveProperty('paths-ignore')
    expect(ci.permissions).toEqual({ contents: 'read' })
    for (const command of ['npm run check', 'npm test']) {
      const step = steps(ci).find(({ run }) => run === command)
      expect(step, command).toBeDefined()
      expect([undefined, '${{ !cancelled() }}']).toContain(step?.if)
    }
    expect(JSON.stringify(ci)).not.toMatch(/continue-on-error/)
  })

  test('AC-1.3.4: the result is reported on the pull request, by a workflow that runs none of its code', () => {
    const report = workflow('report')
    expect(report.on).toHaveProperty('workflow_run')
    const text = JSON.stringify(report)
    expect(text).toContain('issues.createComment')
    expect(text).not.toMatch(/actions\/checkout|"run":/)
  })

  test('AC-1.3.4: actions are pinned by commit', () => {
    const used = ['ci', 'report'].flatMap((name) => steps(workflow(name))).flatMap(({ uses }) => uses ?? [])
    expect(used.length).toBeGreaterThan(0)
    for (const action of used) expect(action).toMatch(/@[0-9a-f]{40}$/)
  })

  const STEPS = ['run check', 'test', 'run security:audit', 'run security:scan']
  const RED: readonly (readonly [what: string, red: string, wanted: number])[] = [
    ['all green', '', 0],
    ...STEPS.map((step) => [`a red \`npm ${step}\``, step, 1] as const),
  ]
  test.each(RED)(
    'AC-1.3.4 AC-7.1.2 AC-7.3.2 SC7 O7 E-08: .ci/run with %s runs all of them and says so',
    (_what, red, wanted) => {
      const place = mkdtempSync(join(tmpdir(), 'sallyport-ci-'))
      try {
        mkdirSync(join(place, '.ci'))
        cpSync(join(ROOT, '.ci/run'), join(place, '.ci/run'))
        const npm = join(place, 'npm')
        writeFileSync(npm, `#!/bin/sh\necho "$@"\n[ "$*" != "${red}" ]\n`)
        chmodSync(npm, 0o755)
        const { status, stdout } = spawnSync(join(place, '.ci/run'), {
          env: { PATH: `${place}:${process.env['PATH'] ?? ''}` },
          encoding: 'utf8',
        })
        expect(stdout.trimEnd().split('\n')).toEqual(STEPS)
        expect(status).toBe(wanted)
      } finally {
        rmSync(place, { recursive: true, force: true })
      }
    },
  )
})

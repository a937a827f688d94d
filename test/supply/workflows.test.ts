import { spawnSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parse } from 'yaml'

const ROOT = join(import.meta.dirname, '../..')
interface Step {
  readonly name?: string
  readonly uses?: string
  readonly run?: string
  readonly with?: Readonly<Record<string, unknown>>
}
interface Yaml {
  readonly on?: unknown
  readonly permissions?: unknown
  readonly jobs?: Readonly<Record<string, { readonly permissions?: unknown; readonly steps?: readonly Step[] }>>
  readonly runs?: { readonly steps: readonly Step[] }
}

/** What strangers write: put into a script it is run. */
const UNTRUSTED = /\$\{\{[^}]*\b(?:github\.(?:event|head_ref|ref_name|actor)|inputs\.|steps\.|matrix\.|env\.)[^}]*\}\}/

/** Rules for workflows and actions (E-75); each a sentence. */
function problemsOf(text: string): readonly string[] {
  const file = parse(text) as Yaml
  const problems: string[] = []
  const steps = [...Object.values(file.jobs ?? {}).flatMap((job) => job.steps ?? []), ...(file.runs?.steps ?? [])]
  for (const { uses, run, with: given } of steps) {
    if (uses !== undefined && !/^\.\/|@[0-9a-f]{40}$/.test(uses)) problems.push(`not pinned by commit: ${uses}`)
    for (const script of [run, given?.['script']])
      if (typeof script === 'string' && UNTRUSTED.test(script))
        problems.push(`text of others in a script: ${script.slice(0, 60)}`)
    if (uses?.startsWith('actions/checkout@') && given?.['persist-credentials'] !== false)
      problems.push('the checkout keeps its token')
  }
  if (file.jobs !== undefined) {
    if (file.permissions === undefined) problems.push('no permissions are named')
    for (const permissions of [file.permissions, ...Object.values(file.jobs).map((job) => job.permissions)])
      if (typeof permissions === 'string') problems.push(`permissions: ${permissions}`)
    if (JSON.stringify(file.permissions ?? {}).includes('write')) problems.push('every job may write')
    const runsCode = steps.some(({ uses, run }) => run !== undefined || uses?.startsWith('actions/checkout@'))
    const writes = Object.values(file.jobs).some((job) => JSON.stringify(job.permissions ?? {}).includes('write'))
    if (runsCode && writes) problems.push('code of a pull request runs beside a token that writes')
    if (JSON.stringify(file.on).includes('pull_request_target')) problems.push('pull_request_target')
  }
  return problems
}

const WORKFLOWS = readdirSync(join(ROOT, '.github/workflows')).map((name) => `.github/workflows/${name}`)

describe('E-75: workflows', () => {
  test.each([...WORKFLOWS, 'action.yml'])('%s keeps the rules', (file) => {
    expect(problemsOf(readFileSync(join(ROOT, file), 'utf8'))).toEqual([])
  })

  const PIN = `actions/checkout@${'0'.repeat(40)}`
  const job = (steps: string, more = ''): string =>
    `on: pull_request\npermissions: { contents: read }\njobs: { a: { ${more} steps: [${steps}] } }`
  test.each([
    [job('{ uses: actions/checkout@v5 }'), 'not pinned'],
    [job(`{ uses: ${PIN.slice(0, -1)} }`), 'not pinned'],
    [job(`{ uses: ${PIN} }`), 'keeps its token'],
    [job('{ run: "echo ${{ github.event.pull_request.title }}" }'), 'text of others'],
    [job('{ run: "echo ${{ inputs.path }}" }'), 'text of others'],
    [
      job(`{ uses: "actions/github-script@${'0'.repeat(40)}", with: { script: "${'${{ github.head_ref }}'}" } }`),
      'text of others',
    ],
    [job('{ run: x }').replace(/permissions.*\n/, ''), 'no permissions'],
    [job('{ run: x }').replace(/permissions.*\n/, 'permissions: write-all\n'), 'write-all'],
    [job('{ run: x }', 'permissions: { contents: write },'), 'beside a token that writes'],
    [job('{ run: x }').replace('on: pull_request', 'on: pull_request_target'), 'pull_request_target'],
  ])('a rule that is broken is noticed: %#', (text, problem) => {
    expect(problemsOf(text).join('; ')).toContain(problem)
  })

  test('AC-7.1.1, SEC-7.5: audit and scan run on every pull request, and can make it red', () => {
    const text = readFileSync(join(ROOT, '.github/workflows/ci.yml'), 'utf8')
    const { on, jobs } = parse(text) as Yaml
    expect(on).toHaveProperty('pull_request')
    const commands = jobs?.['security']?.steps?.map(({ run }) => run)
    expect(commands).toEqual(expect.arrayContaining(['npm run security:audit', 'npm run security:scan']))
    expect(text).not.toContain('continue-on-error')
    // AC-7.1.5: minutes
    expect(text).toMatch(/security:[^]*timeout-minutes: 5/)
  })
})

describe('the composite action', () => {
  const action = parse(readFileSync(join(ROOT, 'action.yml'), 'utf8')) as {
    readonly runs: { readonly steps: readonly Step[] }
  }
  const [first, , comment, last] = action.runs.steps
  let place: string
  beforeAll(() => (place = mkdtempSync(join(tmpdir(), 'sallyport-action-'))))
  afterAll(() => rmSync(place, { recursive: true, force: true }))

  /** Runs both shell steps as the runner does, with a program that ends with `code`. */
  function verdict(code: number, env: Readonly<Record<string, string>> = {}, program?: string) {
    const stub = join(place, 'program')
    writeFileSync(stub, `#!/bin/sh\necho "$@" >>"$RUNNER_TEMP/asked"\n${program ?? `exit ${code}`}\n`, { mode: 0o755 })
    rmSync(join(place, 'asked'), { force: true })
    writeFileSync(join(place, 'output'), '')
    const shell = (script: string, more: Readonly<Record<string, string>>) =>
      spawnSync('bash', ['--noprofile', '--norc', '-eo', 'pipefail', '-c', script], {
        env: {
          PATH: '/usr/bin:/bin',
          RUNNER_TEMP: place,
          GITHUB_OUTPUT: join(place, 'output'),
          GITHUB_STEP_SUMMARY: join(place, 'summary'),
          TARGET: '.',
          PROGRAM: stub,
          BASELINE: '',
          SIGNERS: '',
          ADVISORIES: '',
          ...more,
        },
      }).status
    shell(first?.run ?? '', env)
    const status = /^status=(.*)$/m.exec(readFileSync(join(place, 'output'), 'utf8'))?.[1] ?? ''
    const asked = status === '127' ? '' : readFileSync(join(place, 'asked'), 'utf8')
    return { exit: shell(last?.run ?? '', { STATUS: status }), asked }
  }

  test.each([0, 1, 2, 3])('AC-7.1.2: what the gate says is what the step says: %i', (code) => {
    expect(verdict(code).exit).toBe(code)
  })

  test('a program that is not there, and a gate that never ran, are red', () => {
    expect(verdict(0, { PROGRAM: '/nowhere/sallyport' }).exit).not.toBe(0)
    expect(spawnSync('bash', ['-c', last?.run ?? ''], { env: { PATH: '/usr/bin:/bin', STATUS: '' } }).status).toBe(3)
  })

  test('advisories that cannot be imported are red; inputs are words, not commands', () => {
    const { exit, asked } = verdict(0, { ADVISORIES: 'osv' }, 'case "$*" in *import*) exit 2;; esac')
    expect([exit, asked.includes(' ci ')]).toEqual([2, false])
    const odd = '$(touch pwned); "x'
    expect(verdict(0, { SIGNERS: odd }).asked).toContain(`--signers ${odd}`)
    expect(verdict(0, { TARGET: odd, BASELINE: odd }).asked).toContain(`ci ${odd} --out`)
  })

  test('AC-7.1.4: one comment is made, and the next run changes it and no other', async () => {
    const script = String(comment?.with?.['script'])
    writeFileSync(join(place, 'report.md'), '<!-- sallyport-gate -->\nhello')
    const done: string[] = []
    const comments: { id: number; body: string; user: { type: string } }[] = [
      { id: 7, body: '<!-- sallyport-gate -->\nof a person', user: { type: 'User' } },
    ]
    const issues = {
      listComments: 'list',
      createComment: async ({ body, issue_number: number }: { body: string; issue_number: number }) => {
        done.push(`create ${number}`)
        comments.push({ id: 8, body, user: { type: 'Bot' } })
      },
      updateComment: async ({ comment_id: id }: { comment_id: number }) => void done.push(`update ${id}`),
    }
    const around = {
      github: { paginate: async () => comments, rest: { issues } },
      context: { repo: { owner: 'o', repo: 'r' }, issue: { number: 3 } },
      require: () => ({ readFileSync }),
      process: { env: { REPORT: join(place, 'report.md') } },
    }
    const module = join(place, 'script.mjs')
    writeFileSync(module, `export const start = async ({ github, context, require, process }) => {${script}}`)
    const { start } = (await import(pathToFileURL(module).href)) as { start: (of: typeof around) => Promise<void> }
    await start(around)
    await start(around)
    expect(done).toEqual(['create 3', 'update 8'])
  })
})

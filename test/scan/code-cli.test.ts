import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const PROGRAM = fileURLToPath(new URL('../../packages/gateway/bin/sallyport.js', import.meta.url))
let folder: string

const BAD = 'import os\ndef show(name):\n    os.system("cat " + name)\n'

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'scan-code-'))
  const files = {
    'bad.py': BAD,
    'fine.py': 'print("hello")\n',
    'accepted.py': BAD.replace(
      '    os',
      '    # sallyport-ignore code.dangerous_execution.shell: names come from our own list\n    os',
    ),
    'no-reason.py': BAD.replace('    os', '    # sallyport-ignore code.dangerous_execution.shell:\n    os'),
    'built/made.py': BAD,
    'node_modules/x/index.js': 'eval(process.argv[2])\n',
    '.gitignore': 'built/\n',
    run: '#!/bin/sh\neval "$1"\n',
    'notes.txt': 'eval(x)\n',
  }
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(join(folder, name, '..'), { recursive: true })
    writeFileSync(join(folder, name), text)
  }
  symlinkSync('/etc', join(folder, 'link'))
})
afterAll(() => rmSync(folder, { recursive: true }))

const scan = (...args: readonly string[]) => {
  const { status, stdout, stderr } = spawnSync(process.execPath, [PROGRAM, 'scan', 'code', ...args], {
    cwd: folder,
    encoding: 'utf8',
    input: args.includes('--jsonl') ? JSONL : '',
  })
  return { status, stdout, stderr }
}
const JSONL = [
  { id: 'a', input: BAD, lang: 'python' },
  { id: 'b', parts: ['print(', '1)'], lang: 'py' },
  { id: 'c', input: 'key: value', lang: 'yaml' },
  { id: 'd', input: 'const = = ;', lang: 'javascript' },
]
  .map((line) => JSON.stringify(line))
  .join('\n')

describe('HB-105 SYS-5: sallyport scan code', () => {
  it('finds what lies there, leaves out what git ignores and dependencies, and follows no link', () => {
    const { status, stdout } = scan('.', '--format', 'json')
    const { findings, unreadable, suppressed } = JSON.parse(stdout) as {
      findings: { path: string; rule: string; severity: string; line: number }[]
      unreadable: object[]
      suppressed: number
    }
    expect(findings.map(({ path }) => path).sort()).toEqual(['bad.py', 'no-reason.py', 'run'])
    expect(findings[0]).toMatchObject({ rule: 'code.dangerous_execution.shell', severity: 'high', line: 3 })
    expect({ status, unreadable, suppressed }).toEqual({ status: 1, unreadable: [], suppressed: 1 })
  })

  it('a comment accepts nothing with --no-inline, and nothing without a reason', () => {
    expect(scan('accepted.py').status).toBe(0)
    expect(scan('accepted.py', '--no-inline').status).toBe(1)
    expect(scan('no-reason.py').status).toBe(1)
  })

  it('exit codes: 0 below --fail-on, 2 usage, 3 when a file could not be scanned', () => {
    expect(scan('fine.py').status).toBe(0)
    expect(scan('bad.py', '--fail-on', 'critical').status).toBe(0)
    expect(scan('bad.py', '--fail-on', 'worst').status).toBe(2)
    expect(scan('nothing-there').status).toBe(2)
    writeFileSync(join(folder, 'broken.js'), 'const = = ;\n')
    const { status, stderr } = scan('broken.js')
    rmSync(join(folder, 'broken.js'))
    expect(status).toBe(3)
    expect(stderr).toContain('SP_SCAN_UNREADABLE')
  })

  it('SARIF 2.1.0 with rules, places and fingerprints', () => {
    const { runs } = JSON.parse(scan('bad.py', '--format', 'sarif').stdout) as {
      runs: { tool: { driver: { rules: { id: string }[] } }; results: { ruleId: string; locations: unknown[] }[] }[]
    }
    const [result] = runs[0]?.results ?? []
    expect(runs[0]?.tool.driver.rules.map(({ id }) => id)).toContain(result?.ruleId)
    expect(result?.locations).toEqual([
      { physicalLocation: { artifactLocation: { uri: 'bad.py' }, region: { startLine: 3, startColumn: 5 } } },
    ])
  })

  it('a baseline takes out what is known, wherever its line has moved, and nothing new', () => {
    expect(scan('bad.py', '--write-baseline', 'base.json').status).toBe(0)
    writeFileSync(join(folder, 'bad.py'), `# one more line\n${BAD}`)
    expect(scan('bad.py', '--baseline', 'base.json').status).toBe(0)
    writeFileSync(join(folder, 'bad.py'), `${BAD}    os.system("rm " + name)\n`)
    expect(scan('bad.py', '--baseline', 'base.json').status).toBe(1)
    writeFileSync(join(folder, 'bad.py'), BAD)
    writeFileSync(join(folder, 'base.json'), '{"version":2}')
    expect(scan('bad.py', '--baseline', 'base.json').status).toBe(2)
  })

  it('one answer a line; without a parser it is an error, never clean', () => {
    const { status, stdout } = scan('--jsonl')
    const answers = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { id: string; verdict: string; error?: { code: string } })
    expect(answers.map(({ id, verdict }) => `${id} ${verdict}`)).toEqual(['a flag', 'b clean', 'c error', 'd error'])
    expect(answers[2]?.error?.code).toBe('SP_SCAN_LANGUAGE')
    expect(status).toBe(3)
  })
})

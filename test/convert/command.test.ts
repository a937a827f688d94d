import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, describe, expect, it } from 'vitest'
import type { CliIo, CliOptions } from '../../packages/gateway/src/cli/command.ts'
import { convertClaudeCode } from '../../packages/gateway/src/assurance/convert/claude-code.ts'
import { convertOpenClaw } from '../../packages/gateway/src/assurance/convert/openclaw.ts'
import { parseConfig } from '../../packages/gateway/src/config/load.ts'
import { run } from '../../packages/gateway/src/cli/config/import.ts'

const place = mkdtempSync(join(tmpdir(), 'sallyport-import-'))
afterAll(() => rmSync(place, { recursive: true, force: true }))
writeFileSync(
  join(place, 'settings.json'),
  JSON.stringify({ permissions: { deny: ['Bash(curl:*)'], allow: ['Bash'] } }),
)
writeFileSync(join(place, 'openclaw.json'), `{ tools: { deny: ['exec'] }, logging: { redactSensitive: 'off' } }`)
writeFileSync(join(place, 'empty.json'), '{}')
execFileSync('mkfifo', [join(place, 'pipe')])
writeFileSync(join(place, 'bytes.json'), Buffer.from([0x7b, 0xff, 0x7d]))

async function importing(args: readonly string[], options: CliOptions = {}, json = false) {
  const [out, err]: [string[], string[]] = [[], []]
  const io = {
    out: (text: string) => out.push(text),
    err: (text: string) => err.push(text),
    cwd: place,
    stateDir: place,
    json,
  }
  const code = await run(io as unknown as CliIo, args, options)
  return { code, out: out.join('\n'), err: err.join('\n') }
}

describe('config import', () => {
  it('SYS-1: prints the drafts, and what was left out', async () => {
    const shown = await importing(['claude-code', 'settings.json'])
    expect(shown).toMatchObject({ code: 0 })
    expect(shown.out).toContain('--- claude-code.cedar')
    expect(shown.err).toMatch(/^weakens\s+permissions\.allow: Bash\s+It allows the tool with any arguments\.$/m)
    const machine = await importing(['openclaw', 'openclaw.json'], {}, true)
    expect(JSON.parse(machine.out)).toMatchObject({ written: false, files: [{ name: 'sallyport.yaml' }, {}, {}] })
    expect(await importing(['claude-code', 'empty.json'])).toMatchObject({ code: 1, out: '' })
  })

  it('SYS-1 T-178: writes into a folder, and over nothing', async () => {
    expect(await importing(['openclaw', 'openclaw.json'], { out: 'drafts' })).toMatchObject({ code: 0 })
    const folder = join(place, 'drafts')
    expect(readdirSync(folder)).toEqual(['openclaw.test.yaml', 'openclaw.yaml', 'sallyport.yaml'])
    writeFileSync(join(folder, 'sallyport.yaml'), 'mine')
    await expect(async () => importing(['openclaw', 'openclaw.json'], { out: 'drafts' })).rejects.toMatchObject({
      code: 'SP_CLI_USAGE',
    })
    expect(readFileSync(join(folder, 'sallyport.yaml'), 'utf8')).toBe('mine')
  })

  it.each([
    [['other', 'settings.json'], 'SP_CLI_USAGE'],
    [['claude-code', 'gone.json'], 'SP_CLI_USAGE'],
    [['claude-code', '.'], 'SP_CLI_USAGE'],
    [['openclaw', 'pipe'], 'SP_CLI_USAGE'],
    [['openclaw', 'bytes.json'], 'SP_CLI_USAGE'],
    [['__proto__', 'settings.json'], 'SP_CLI_USAGE'],
  ])('SYS-1: %j is refused', async (args, code) => {
    await expect(async () => importing(args)).rejects.toMatchObject({ code })
  })

  it('SYS-1: whatever stands in the file, there is an outcome for it, or an error with a code', () => {
    const words = fc.constantFrom(
      'permissions',
      'allow',
      'deny',
      'ask',
      'gateway',
      'auth',
      'mode',
      'tools',
      'exec',
      'agents',
      'list',
      'id',
      'channels',
      'mcp',
      'servers',
      'command',
      'args',
      'env',
      '__proto__',
      'x',
    )
    const { tree } = fc.letrec((tie) => ({
      tree: fc.oneof(
        { maxDepth: 6 },
        fc.constantFrom(null, true, 0, 'x', '*', 'Bash(a:*)', 'Read(//a/**)', 'mcp__a__b', 'full', 'open'),
        fc.array(tie('tree'), { maxLength: 3 }),
        fc.dictionary(words, tie('tree'), { maxKeys: 4 }),
      ),
    }))
    const object = fc.dictionary(words, tree, { maxKeys: 5 })
    fc.assert(
      fc.property(object, (value) => {
        for (const convert of [convertClaudeCode, convertOpenClaw]) {
          const { outcomes, files } = convert(JSON.stringify(value))
          expect(outcomes.every(({ setting, note }) => setting !== '' && note !== '')).toBe(true)
          const config = files.find(({ name }) => name === 'sallyport.yaml')
          if (config !== undefined) parseConfig(config.text, config.name, { env: {}, stateDir: place, now: 0 })
          // a member of this name is no member to a reader
          const settings = Object.keys(value).filter((key) => key !== '__proto__')
          for (const key of settings)
            expect([key, outcomes.some(({ setting }) => setting.startsWith(key))]).toEqual([key, true])
        }
      }),
      { numRuns: 400 },
    )
  })
})

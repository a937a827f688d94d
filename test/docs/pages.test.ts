import { describe, expect, test } from 'vitest'
import { loadCedar } from '../../packages/gateway/src/control/policy/cedar.ts'
import type { CommandSpec } from '../../packages/gateway/src/cli/command.ts'
import { commandTree } from '../../packages/gateway/src/cli/tree.ts'
import { parseConfig } from '../../packages/gateway/src/config/load.ts'
import { read } from './diagram.ts'
import { blocks, brokenLinks, CLAIMS, commandLines, npmScripts, pages } from './pages.ts'

const PAGES = pages()
const scripts = Object.keys((JSON.parse(read('package.json')) as { scripts: Record<string, string> }).scripts)
const GLOBAL = ['--json', '--config', '--state', '--quiet', '--no-color', '--no-input', '--help', '--version', '--']

/** The leaf that a command line names, by its longest path; `sallyport mcp` alone names a group. */
function leafOf(words: readonly string[]): CommandSpec | 'group' | undefined {
  for (let length = Math.min(3, words.length); length > 0; length--) {
    const path = words.slice(0, length).join(' ')
    const leaf = commandTree.find((spec) => spec.path === path)
    if (leaf !== undefined) return leaf
    if (length === words.length && commandTree.some((spec) => spec.path.startsWith(`${path} `))) return 'group'
  }
  return undefined
}

/** Why a reader could not type it; undefined when it is in the tree with these options. */
function whyNoCommand(line: string): string | undefined {
  const [, ...words] = line.split(/\s+/)
  if (words.every((word) => word.startsWith('-')))
    return words.every((word) => GLOBAL.includes(word)) ? undefined : 'no such option'
  const leaf = leafOf(words)
  if (leaf === undefined) return 'no such command'
  if (leaf === 'group') return undefined
  const end = words.indexOf('--')
  const given = (end < 0 ? words : words.slice(0, end))
    .filter((word) => word.startsWith('--'))
    .map((word) => word.split('=')[0] ?? '')
  const known = [...GLOBAL, ...(leaf.options ?? []).map(([flags]) => /--[\w-]+/.exec(flags)?.[0] ?? '')]
  const unknown = given.find((option) => !known.includes(option))
  return unknown === undefined ? undefined : `no option ${unknown}`
}

describe('every page', () => {
  test.each(PAGES)('AC-1.4.4: the links of %s lead somewhere', (file) => {
    expect(brokenLinks(file, read(file))).toEqual([])
  })

  test.each(PAGES)('HB-144: %s claims nothing that is not so', (file) => {
    expect(CLAIMS.flatMap((claim) => claim.exec(read(file))?.[0] ?? [])).toEqual([])
  })

  test.each(PAGES)('the commands in %s exist, with their options', (file) => {
    const wrong = commandLines(read(file)).flatMap((line) => {
      const why = whyNoCommand(line)
      return why === undefined ? [] : [`${line}: ${why}`]
    })
    expect(wrong).toEqual([])
  })

  test.each(PAGES)('the npm scripts in %s exist', (file) => {
    expect(npmScripts(read(file)).filter((name) => !scripts.includes(name))).toEqual([])
  })
})

describe('what the pages show', () => {
  test('configurations load', () => {
    const shown = PAGES.flatMap((file) => blocks(read(file)).map((block) => ({ file, ...block }))).filter(
      ({ language, text }) => language === 'yaml' && /^version: 1$/m.test(text),
    )
    expect(shown.length).toBeGreaterThan(1)
    for (const { file, text } of shown) {
      const env = { SALLYPORT_DATABASE: 'postgres://db.example/sallyport' }
      expect(() => parseConfig(text, `/docs/${file}`, { env, stateDir: '/state', now: 0 }), file).not.toThrow()
    }
  })

  test('policies parse', async () => {
    const cedar = await loadCedar()
    const shown = PAGES.flatMap((file) => blocks(read(file))).filter(({ language }) => language === 'cedar')
    expect(shown.length).toBeGreaterThan(1)
    for (const { text } of shown) {
      const parts = cedar.split(text)
      expect(parts, text).toMatchObject({ ok: true })
      for (const policy of parts.ok ? parts.value : []) expect(cedar.parse(policy), policy).toMatchObject({ ok: true })
    }
  })

  test('commands of later releases are not shown in shell blocks', () => {
    const later = PAGES.filter((file) => file !== 'docs/reference/cli.md').flatMap((file) =>
      blocks(read(file))
        .flatMap(({ text }) => commandLines(`\`\`\`sh\n${text}\`\`\``))
        .filter((line) => {
          const leaf = leafOf(line.split(/\s+/).slice(1))
          return typeof leaf === 'object' && leaf.load === undefined
        }),
    )
    expect(later).toEqual([])
  })
})

describe('what must be said', () => {
  test.each(['README.md', 'SECURITY.md'])('HB-148: %s says that patterns are not legal advice', (file) => {
    expect(read(file)).toMatch(/not legal advice/)
  })

  test('HB-144: the README lists what Sallyport cannot stop, and that it is advisory under the same account', () => {
    const list = /## What Sallyport cannot stop\n([\s\S]*?)\n## /.exec(read('README.md'))?.[1] ?? ''
    for (const word of ['sandbox', 'egress', 'vault', 'detectors', 'console', 'PIN sniffing', 'no certificate']) {
      expect(list.toLowerCase()).toContain(word.toLowerCase())
    }
    expect(read('README.md')).toMatch(/advisory/)
  })

  test('a claim, a dead link and a made-up command are found', () => {
    expect(CLAIMS.some((claim) => claim.test('Sallyport guarantees 100 % detection.'))).toBe(true)
    expect(CLAIMS.some((claim) => claim.test('It is certified.'))).toBe(true)
    expect(brokenLinks('README.md', '[x](docs/nowhere.md) [y](LICENSE) [z](SECURITY.md#no-such-heading)')).toHaveLength(
      2,
    )
    expect(whyNoCommand('sallyport approvals approve ID --pin 1234')).toBe('no option --pin')
    expect(whyNoCommand('sallyport frobnicate')).toBe('no such command')
    expect(commandLines('Run `sallyport status`.\n\n```sh\nsallyport log tail   # live\n```\n')).toEqual([
      'sallyport log tail',
      'sallyport status',
    ])
  })
})

import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { createReadSource } from '../../packages/gateway/src/assurance/scan/code/read/read-source.ts'
import { CATEGORIES } from '../../packages/gateway/src/assurance/scan/code/rule.ts'
import { createCodeScanner } from '../../packages/gateway/src/assurance/scan/code/scan-code.ts'
import type { Language } from '../../packages/gateway/src/assurance/scan/code/syntax.ts'

/** Look-alikes that stand in the tables by name, in parts: none of them was ever a secret. */
const SECRETS: Readonly<Record<string, readonly string[]>> = {
  password: ['Tr7!', 'pLq92', 'xVm'],
  hex32: ['9f31c7ab', '02de45b1', '8c7764aa', '01f2e3d4'],
  hex64: ['9f31c7ab02de45b18c7764aa01f2e3d4', '5b1e88f0a7c3d2964e10b7fa93c6d851'],
  github: ['ghp', '_', 'K7dQ2mX9pLz4Rt8VwY1nBc6HsJ3fGa5EuTo'],
  'aws-id': ['AK', 'IA', 'QZ7RT2LMXV4K', '9PWD'],
  'aws-key': ['wJq8Rt2', 'LmXv4Kz9Pw', 'D3nYb7Hs5Fg1', 'Ea6Uc0Ti'],
  stripe: ['sk', '_live_', '51Hq8Zt2LmXv4Kz9PwD3nYb7Hs'],
  slack: ['xo', 'xb-', '2384710592-8471059238471-', 'K7dQ2mX9pLz4Rt8VwY1nBc6H'],
  jwt: [
    'ey',
    'JhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9',
    '.ey',
    'JzdWIiOiI4NDcxMDU5MiIsIm5hbWUiOiJhcHAifQ',
    '.Qm7dX9pLz4Rt8VwY1nBc6HsJ3fGa5EuTo2kLmNpQrS',
  ],
  b64: ['q8Rt2LmXv4Kz9PwD', '3nYb7Hs5Fg1Ea6Uc', '0TiWjZ+Q7aM='],
  openai: ['sk', '-proj-', 'K7dQ2mX9pLz4Rt8VwY1nBc6HsJ3fGa5EuToT3Blbk', 'FJq8Rt2LmXv4Kz9PwD3n'],
  gcp: ['AI', 'za', 'SyK7dQ2mX9pLz4Rt8VwY1nBc6HsJ3fGa5Eu'],
  sendgrid: ['SG', '.K7dQ2mX9pLz4Rt8VwY1nBc', '.HsJ3fGa5EuToq8Rt2LmXv4Kz9PwD3nYb7Hs5Fg1Ea6U'],
  'pem-begin': ['-----BEGIN', ' RSA PRIVATE', ' KEY-----'],
  'pem-end': ['-----END', ' RSA PRIVATE', ' KEY-----'],
  pw2: ['hunter-', 'Quartz', '-4491'],
  token40: ['c91fe0a7', '44b2d8e6', '7730fa18', 'bb5c29d0', 'e6431f97'],
}

interface Case {
  readonly language: Language
  readonly label: string
  readonly text: string
}

const FOLDER = new URL('fixtures/code-tables/', import.meta.url)
const scan = createCodeScanner(await createReadSource({ now: () => performance.now() }))

/** `#### language bad|good`, and the program below it. */
const casesOf = (category: string): readonly Case[] =>
  readFileSync(new URL(`${category}.txt`, FOLDER), 'utf8')
    .split(/^#### /m)
    .slice(1)
    .map((part): Case => {
      const [head = '', ...lines] = part.split('\n')
      const [language = '', label = ''] = head.trim().split(' ')
      const text = lines.join('\n').replace(/⟦([\w-]+)⟧/g, (_all, name: string) => (SECRETS[name] ?? []).join(''))
      return { language: language as Language, label, text }
    })

const LANGUAGES = ['python', 'javascript', 'typescript', 'go', 'ruby', 'java', 'bash'] as const

describe.each(CATEGORIES)('HB-97 HB-98 HB-99 HB-100 HB-101 HB-102 HB-103: %s in seven languages', (category) => {
  const cases = casesOf(category)
  const isHit = ({ text, language }: Case): boolean =>
    scan(text, language).findings.some((finding) => finding.category === category)

  it.each(LANGUAGES)('finds what is dangerous in %s and leaves its safe twin alone', (language) => {
    const own = cases.filter((one) => one.language === language)
    expect(own.filter((one) => one.label === 'bad' && !isHit(one)).map(({ text }) => text)).toEqual([])
    expect(own.filter((one) => one.label === 'good' && isHit(one)).map(({ text }) => text)).toEqual([])
  })
})

it('HB-97 … HB-103: every table has both kinds for every language, and no other label', () => {
  expect(
    readdirSync(FOLDER)
      .map((name) => name.replace('.txt', ''))
      .sort(),
  ).toEqual([...CATEGORIES].sort())
  for (const category of CATEGORIES) {
    const cases = casesOf(category)
    expect(cases.filter(({ label }) => label !== 'bad' && label !== 'good')).toEqual([])
    for (const language of LANGUAGES) {
      for (const label of ['bad', 'good'])
        expect(
          cases.some((one) => one.language === language && one.label === label),
          `${category} ${language}`,
        ).toBe(true)
    }
  }
})

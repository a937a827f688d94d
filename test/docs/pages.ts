import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { dirname, posix, resolve } from 'node:path'
import { read, ROOT } from './diagram.ts'

/** Markdown of the repository but what is generated from the tree of commands itself. */
export const pages = (): readonly string[] =>
  execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard', '--', '*.md'], {
    cwd: ROOT,
    encoding: 'utf8',
  })
    .split('\0')
    .filter((file) => file !== '' && existsSync(resolve(ROOT, file)))

const FENCE = /^```(\w*)\n([\s\S]*?)^```$/gm

export interface Block {
  readonly language: string
  readonly text: string
}
export const blocks = (page: string): readonly Block[] =>
  [...page.matchAll(FENCE)].map(([, language = '', text = '']) => ({ language, text }))

/** Text outside of fences. */
const prose = (page: string): string => page.replace(FENCE, '')

/** `sallyport …` as a reader would type it: lines of shell blocks and inline code. */
export function commandLines(page: string): readonly string[] {
  const shell = blocks(page)
    .filter(({ language }) => ['sh', 'bash', 'shell', ''].includes(language))
    .flatMap(({ text }) => text.replaceAll('\\\n', ' ').split('\n'))
  const inline = [...prose(page).matchAll(/`([^`\n]+)`/g)].map(([, code = '']) => code)
  return [...shell, ...inline]
    .map((line) => line.replace(/\s+#.*$/, '').trim())
    .filter((line) => /^sallyport(\s|$)/.test(line) && line !== 'sallyport')
}

/** `npm run NAME` and `npm NAME` of a page. */
export const npmScripts = (page: string): readonly string[] =>
  [...page.matchAll(/\bnpm (?:run ([\w:-]+)|(test|start)\b)/g)].map(([, run, plain]) => run ?? plain ?? '')

/** Anchor of a heading as code hosts make it. */
const anchor = (heading: string): string =>
  heading
    .toLowerCase()
    .replace(/[`*]/g, '')
    .replace(/[^\p{L}\p{N}\s_-]/gu, '')
    .trim()
    .replace(/\s/g, '-')

const anchors = (page: string): ReadonlySet<string> =>
  new Set([...prose(page).matchAll(/^#{1,6} (.+)$/gm)].map(([, heading = '']) => anchor(heading)))

/** Relative links of a page that lead nowhere. */
export function brokenLinks(file: string, page: string): readonly string[] {
  return [...prose(page).matchAll(/\]\(([^)\s]+)\)/g)].flatMap(([, to = '']) => {
    if (/^[a-z]+:/.test(to)) return []
    const [path = '', fragment] = to.split('#')
    const target = path === '' ? file : posix.join(dirname(file), path)
    if (target.startsWith('..') || !existsSync(resolve(ROOT, target))) return [to]
    const found = fragment === undefined || (target.endsWith('.md') && anchors(read(target)).has(fragment))
    return found ? [] : [to]
  })
}

/** What nobody can truthfully say of a security product (HB-144). */
export const CLAIMS: readonly RegExp[] = [
  /\bguarante\w* (?:a )?(?:100|complete|full|total)/i,
  /\b100 ?% (?:secure|safe|protection|detection)/i,
  /\b(?:unhackable|unbreakable|bullet-?proof|fool-?proof|military[- ]grade|bank[- ]grade|hack-?proof)\b/i,
  /\b(?:is|are|fully|officially) certified\b|\bcertified (?:by|for|to|secure)\b/i,
  /\b(?:SOC ?2|ISO ?27001|HIPAA|PCI[- ]DSS|GDPR)[- ](?:certified|compliant)\b/i,
  /\b(?:is|are|was|were) (?:formally|mathematically) (?:verified|proven)\b/i,
  /\b(?:stops|prevents|blocks|eliminates) (?:all|every|any) (?:attack|injection|exfiltration)/i,
  /\bzero (?:risk|false positives)\b/i,
  /\binsur(?:ed|ance) (?:against|covers)\b/i,
]

import type { Language } from '../syntax.ts'
import { FIT } from './value.ts'

/** Classes and escapes that stand for letters, digits and marks without a meaning to shells, SQL and paths. */
const WORDY = /^(?:\\[wdA]|[A-Za-z0-9_-])*$/
const CLASS = /\[(?!\^)(?<inside>(?:\\.|[^\]\\])+)\]/g

/** `^https://api\\.example\\.com/`: the host, up to what ends it. */
const ADDRESS = /^(?:\^|\\A)(?:\(\?:)?https?\??:\\?\/\\?\/(?<host>.+?)(?:\\?\/|\$|\\z|:\\d)/

/** Names without wildcards; below a domain any name may stand. */
function isLiteralHost(host: string): boolean {
  const domain = host.replace(/^(?:\(\?:)?\[[\w\\-]+\][+*]\\\.\)?\??/, '')
  return /[A-Za-z0-9]\\?\.[A-Za-z]|localhost/.test(domain) && !/[[\]*+]|\\[wWSDd]/.test(domain)
}

/**
 * What a text is fit for that the pattern matches, when it is anchored at both ends (of a URL: at its start, with the whole
 * host) and lets only harmless characters through.
 */
export function patternFit(pattern: string, language: Language): number {
  const source = pattern.replace(/^\(\?[a-z]+\)/, '').replace(/\\h/g, language === 'ruby' ? '\\d' : '\\h')
  const host = ADDRESS.exec(source)?.groups?.['host']
  if (host !== undefined && isLiteralHost(host)) return FIT.host
  const start = language === 'ruby' ? /^\\A/ : /^(?:\^|\\A)/
  const end = language === 'ruby' ? /\\[zZ]$/ : /(?:\$|\\[zZ])\)?$/
  if (!start.test(source) || !end.test(source)) return FIT.nothing
  const body = source.replace(start, '').replace(end, '')
  if (/(?:^|[^\\])\.(?:[*+?{]|$)|\[\^|\\[SDW]/.test(body)) return FIT.nothing
  let inside = ''
  const rest = body.replace(CLASS, (_all, characters: string) => {
    inside += characters.replace(/[A-Za-z0-9]-[A-Za-z0-9]/g, '')
    return ''
  })
  const literal = rest
    .replace(/\{\d*,?\d*\}/g, '')
    .replace(/[()|*+?]/g, '')
    .replace(/^:|\?:/g, '')
  if (WORDY.test(inside) && WORDY.test(literal.replaceAll('\\.', ''))) return FIT.all
  const other = `${inside}${literal}`.replace(/\\(?=[./@:+=-])/g, '')
  if (/^(?:\\[wdA]|[A-Za-z0-9_.-])*$/.test(other)) return FIT.all
  if (/^(?:\\[wdA]|[A-Za-z0-9_./@:+=,-])*$/.test(other)) return FIT.shell
  return FIT.nothing
}

const GROUP = /(?<!\\)\((?:\?P?<\w+>)?(?<inside>(?!\?)[^()]+)\)/g

/** What the groups of a pattern are fit for, wherever it matches: the least of them. */
export function groupsFit(pattern: string, language: Language): number {
  const groups = [...pattern.matchAll(GROUP)].map(({ groups: found }) => found?.['inside'] ?? '')
  const [start, end] = language === 'ruby' ? ['\\A', '\\z'] : ['^', '$']
  return groups.length === 0
    ? FIT.nothing
    : groups.reduce((fit, group) => fit & patternFit(`${start}(?:${group})${end}`, language), FIT.all as number)
}

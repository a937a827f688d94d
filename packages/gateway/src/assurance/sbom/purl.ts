import type { Ecosystem } from './component.ts'

const TYPES: Readonly<Record<Ecosystem, string>> = {
  npm: 'npm',
  PyPI: 'pypi',
  Go: 'golang',
  'crates.io': 'cargo',
  RubyGems: 'gem',
}

/** The package URL of a package (ECMA-427). */
export function purlOf(ecosystem: Ecosystem, name: string, version: string): string {
  const path = (ecosystem === 'PyPI' ? pypiName(name) : name).split('/').map(part).join('/')
  return `pkg:${TYPES[ecosystem]}/${path}@${part(version)}`
}

/** The name as PyPI compares it (PEP 503). */
export const pypiName = (name: string): string => name.toLowerCase().replace(/[-_.]+/g, '-')

const part = (text: string): string =>
  encodeURIComponent(text.replace(/\p{Surrogate}/gu, '\ufffd')).replaceAll('%3A', ':')

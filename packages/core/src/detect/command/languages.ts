/** What code that a program is given may be written in. Each is also the role of a word that holds such code. */
export const LANGUAGES = [
  'python',
  'javascript',
  'perl',
  'ruby',
  'php',
  'lua',
  'awk',
  'sed',
  'jq',
  'sql',
  'redis',
  'editor',
  'powershell',
  'code',
] as const

export type Language = (typeof LANGUAGES)[number]

const NAMES: ReadonlySet<string> = new Set(LANGUAGES)

export const isLanguage = (name: string): name is Language => NAMES.has(name)

import { SallyportError } from '@sallyport/core/errors/error'
import type { CommandRun } from './command.ts'

const SHELLS: Readonly<Record<string, (words: ReadonlyMap<string, readonly string[]>) => string>> = {
  bash: (words) => `_sallyport() {
  local path="\${COMP_WORDS[*]:1:COMP_CWORD-1}"
  case "$path" in
${[...words].map(([path, next]) => `    '${path}') COMPREPLY=($(compgen -W '${next.join(' ')}' -- "\${COMP_WORDS[COMP_CWORD]}"));;`).join('\n')}
  esac
}
complete -o default -F _sallyport sallyport`,
  zsh: (words) => `#compdef sallyport
_sallyport() {
  local path="\${words[2,CURRENT-1]}"
  case "$path" in
${[...words].map(([path, next]) => `    '${path}') compadd -- ${next.join(' ')};;`).join('\n')}
  esac
}
compdef _sallyport sallyport`,
  fish: (words) =>
    [...words]
      .map(([path, next]) => {
        const seen = path === '' ? '__fish_use_subcommand' : `"__fish_seen_subcommand_from ${path.split(' ').at(-1)}"`
        return `complete -c sallyport -f -n ${seen} -a '${next.join(' ')}'`
      })
      .join('\n'),
}

/** Words that may follow each path of the tree. */
export function nextWords(paths: readonly string[]): ReadonlyMap<string, readonly string[]> {
  const next = new Map<string, string[]>()
  for (const path of paths) {
    const words = path.split(' ')
    words.forEach((word, index) => {
      const parent = words.slice(0, index).join(' ')
      const known = next.get(parent) ?? []
      if (!known.includes(word)) next.set(parent, [...known, word])
    })
  }
  return next
}

export const run: CommandRun = async (io, [shell = '']) => {
  const script = Object.hasOwn(SHELLS, shell) ? SHELLS[shell] : undefined
  if (script === undefined) throw new SallyportError('SP_CLI_USAGE', `Name a shell: ${Object.keys(SHELLS).join(', ')}.`)
  const text = script(nextWords(io.commandPaths))
  io.out(io.json ? JSON.stringify({ shell, script: text }) : text)
  return 0
}

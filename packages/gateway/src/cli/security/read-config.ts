import { existsSync, readFileSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { BYPASSES, SallyportError } from '@sallyport/core'
import { isPair, parseDocument, visit } from 'yaml'
import type { ConfigFacts } from '../../assurance/posture/facts.ts'
import { systemClock } from '../../clock.ts'
import { environment } from '../../config/environment.ts'
import { loadConfig, parseConfig, type LoadedConfig } from '../../config/load.ts'
import type { CliIo } from '../command.ts'

export interface ReadConfig extends ConfigFacts {
  readonly loaded: LoadedConfig
}

const NAME = 'sallyport.yaml'

/**
 * The configuration that the audit is about: a file, a directory with one, or else the one in force. One that an option of another
 * product keeps from loading is read without that option: that is when it matters most.
 * @throws SallyportError SP_POSTURE_INCOMPLETE
 */
export function readConfiguration(
  io: Pick<CliIo, 'configPath' | 'stateDir' | 'cwd'>,
  path: string | undefined,
): ReadConfig {
  const sources = {
    ...{ env: environment(), stateDir: io.stateDir, now: systemClock.now() },
    // one that does not start is looked at all the same
    ...({ unanswered: 'read' } as const),
  }
  try {
    const file = path === undefined ? io.configPath : (fileAt(resolve(io.cwd, path)) ?? io.configPath)
    if (file === undefined) {
      const loaded = loadConfig(undefined, sources)
      return { loaded, config: loaded.config, text: '', bypasses: [] }
    }
    const text = readFileSync(file, 'utf8')
    const { clean, ...found } = withoutBypasses(text)
    const loaded = parseConfig(clean, resolve(file), sources)
    return { loaded, config: loaded.config, file: resolve(file), text, ...found }
  } catch (cause) {
    const why = cause instanceof SallyportError ? cause.message : String(cause)
    throw new SallyportError('SP_POSTURE_INCOMPLETE', `The configuration cannot be read: ${why}`, { cause })
  }
}

/** @throws SallyportError SP_POSTURE_INCOMPLETE where nothing is */
function fileAt(path: string): string | undefined {
  if (!existsSync(path)) throw new SallyportError('SP_POSTURE_INCOMPLETE', `${path} does not exist.`)
  if (!statSync(path).isDirectory()) return path
  return [NAME, join('.sallyport', NAME)].map((name) => join(path, name)).find((each) => existsSync(each))
}

interface Cleaned {
  readonly clean: string
  readonly bypasses: readonly string[]
  readonly bypassPlaces: readonly (readonly (string | number)[])[]
}

function withoutBypasses(text: string): Cleaned {
  const none = { clean: text, bypasses: [], bypassPlaces: [] }
  if (!Object.keys(BYPASSES).some((name) => text.includes(name))) return none
  const document = parseDocument(text)
  const bypassPlaces: (string | number)[][] = []
  visit(document, {
    Pair: (_key, pair, parents) => {
      const name = String(pair.key)
      if (!Object.hasOwn(BYPASSES, name)) return undefined
      bypassPlaces.push([...parents.flatMap((one) => (isPair(one) ? [String(one.key)] : [])), name])
      return visit.REMOVE
    },
  })
  if (bypassPlaces.length === 0) return none
  return { clean: document.toString(), bypasses: bypassPlaces.map((at) => String(at.at(-1))), bypassPlaces }
}

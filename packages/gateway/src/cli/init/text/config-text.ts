import { SallyportError } from '@sallyport/core'
import { JsonText } from '../../../hosts/json-text.ts'
import { Json5Text } from './json5-text.ts'
import { TomlText } from './toml-text.ts'
import { YamlText } from './yaml-text.ts'

export type ConfigFormat = 'json' | 'json5' | 'toml' | 'yaml'
export type ConfigPath = readonly (string | number)[]

/** A configuration file as text: read as data, changed at positions, never parsed and printed. */
export interface ConfigText {
  readonly text: string
  /** Plain data; undefined when there is nothing at the path. */
  get(path: ConfigPath): unknown
  /**
   * The text with one member set. The object that holds it must exist.
   * @throws SallyportError SP_CONFIG_INVALID for places this format keeper cannot change safely.
   */
  set(path: ConfigPath, value: unknown): ConfigText
  /**
   * The text without one member; the same text when there is none.
   * @throws SallyportError SP_CONFIG_INVALID for places this format keeper cannot change safely.
   */
  remove(path: ConfigPath): ConfigText
}

/** @throws SallyportError SP_CONFIG_INVALID when the text cannot be read. */
export function readConfigText(format: ConfigFormat, text: string): ConfigText {
  switch (format) {
    case 'json':
      return jsonConfig(new JsonText(text))
    case 'json5':
      return new Json5Text(text)
    case 'toml':
      return new TomlText(text)
    case 'yaml':
      return new YamlText(text)
  }
}

const jsonConfig = (json: JsonText): ConfigText => ({
  text: json.text,
  get: (path) => json.get([...path]),
  set: (path, value) => jsonConfig(json.set([...path], value)),
  remove: (path) => (json.get([...path]) === undefined ? jsonConfig(json) : jsonConfig(json.set([...path], undefined))),
})

/** UTF-8 strictly, so that what we write back is what was there; other encodings are left alone. */
export function decodeConfig(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch (cause) {
    throw new SallyportError('SP_CONFIG_INVALID', 'The file is not UTF-8.', { cause })
  }
}

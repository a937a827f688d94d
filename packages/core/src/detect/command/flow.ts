/** What is known of a byte stream between two commands, or of what a substitution becomes. */
export interface Stream {
  /** The whole text, when it is known before anything runs. */
  readonly text: string | undefined
  /** Came from another host. */
  readonly network: boolean
  /** Came out of a decoder or another transformation. */
  readonly decoded: boolean
  /** Holds credentials or the environment. */
  readonly secret: boolean
  /** Holds content of local files or facts about the machine; false for version numbers, dates and the like. */
  readonly local: boolean
  /** Names of files below the workspace, as `find .` and `git ls-files` print them. */
  readonly names: boolean
}

export const NOTHING: Stream = {
  text: '',
  network: false,
  decoded: false,
  secret: false,
  local: false,
  names: false,
}

export const UNKNOWN: Stream = { ...NOTHING, text: undefined }

export function mergeStreams(streams: readonly Stream[]): Stream {
  const [only] = streams
  if (streams.length === 1 && only !== undefined) return only
  const known = streams.every((stream) => stream.text !== undefined)
  return {
    text: known ? streams.map((stream) => stream.text).join('') : undefined,
    network: streams.some((stream) => stream.network),
    decoded: streams.some((stream) => stream.decoded),
    secret: streams.some((stream) => stream.secret),
    local: streams.some((stream) => stream.local),
    names: streams.length > 0 && streams.every((stream) => stream.names || stream.text === ''),
  }
}

/** What a text must reach, as a logit of head, rules and signals together. */
export interface Thresholds {
  readonly flag: number
  readonly ask: number
  readonly block: number
}

/** A linear head: 8-bit weights of a table of 2^bits buckets. */
export interface Head {
  readonly bits: number
  /** Logit of one unit of weight. */
  readonly scale: number
  readonly bias: number
  readonly weights: Int8Array
}

export interface InjectionModel {
  /** Version of features and weights together: the date of the training. */
  readonly version: string
  readonly injection: Head
  /** Advisory (ND-3.1.b, jailbreaking): never part of a verdict. */
  readonly jailbreak: Head
  readonly thresholds: { readonly user: Thresholds; readonly content: Thresholds }
  /** score = 1 / (1 + e^-(slope · logit + offset)), fitted on texts that were not trained on. */
  readonly calibration: { readonly slope: number; readonly offset: number }
}

/** First line of a file of weights. */
export interface ModelHeader {
  readonly format: 'sallyport-injection-1'
  readonly version: string
  readonly injection: Omit<Head, 'weights'>
  readonly jailbreak: Omit<Head, 'weights'>
  readonly thresholds: InjectionModel['thresholds']
  readonly calibration: InjectionModel['calibration']
}

/**
 * Reads a file of weights: one line of JSON, then the tables. The file ships with the package, so what is wrong with it is a broken installation.
 * @throws RangeError when it is not such a file or its length is wrong
 */
export function readInjectionModel(bytes: Uint8Array): InjectionModel {
  const line = bytes.indexOf(0x0a)
  if (line < 0 || line > 4096) throw new RangeError('The weights of the injection detector have no header.')
  const header = JSON.parse(new TextDecoder().decode(bytes.subarray(0, line))) as ModelHeader
  const { injection, jailbreak } = header
  const first = line + 1
  const second = first + (1 << injection.bits)
  if (header.format !== 'sallyport-injection-1' || bytes.length !== second + (1 << jailbreak.bits))
    throw new RangeError('The weights of the injection detector are of another format or incomplete.')
  const table = (from: number, bits: number): Int8Array =>
    new Int8Array(bytes.buffer, bytes.byteOffset + from, 1 << bits)
  return {
    version: header.version,
    injection: { ...injection, weights: table(first, injection.bits) },
    jailbreak: { ...jailbreak, weights: table(second, jailbreak.bits) },
    thresholds: header.thresholds,
    calibration: header.calibration,
  }
}

import { findSecrets } from '@sallyport/core'
import { isScalar, LineCounter, parseDocument, visit } from 'yaml'

export interface SecretPlace {
  /** Dotted path of the value, or of the line where it stands in a comment. */
  readonly path: string
  /** From 1. */
  readonly line: number
  readonly family: string
}

const REFERENCE = /^\$\{[a-z]+:[^}]*\}/

/**
 * Secrets that stand in a configuration in clear, in values and in comments. The value itself is in no part of the answer (HB-51).
 * What names a variable or the vault is none.
 */
export function secretsInText(text: string): readonly SecretPlace[] {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, merge: false, strict: false })
  const found: SecretPlace[] = []
  const seen = new Set<number>()
  const add = (path: string, offset: number, family: string): void => {
    const { line } = lines.linePos(offset)
    if (seen.has(line)) return
    seen.add(line)
    found.push({ path, line, family })
  }
  visit(document, {
    Scalar(key, node, parents) {
      if (key === 'key' || typeof node.value !== 'string' || REFERENCE.test(node.value)) return
      const keys = parents.flatMap((one) => ('key' in one && isScalar(one.key) ? [String(one.key.value)] : []))
      const name = keys.at(-1) ?? 'value'
      const family =
        findSecrets(node.value, 'result')[0]?.family ?? findSecrets(`${name}: ${node.value}`, 'result')[0]?.family
      if (family !== undefined) add(keys.join('.'), node.range?.[0] ?? 0, family)
    },
  })
  let offset = 0
  for (const line of text.split('\n')) {
    const comment = /(?:^|\s)#(.*)$/.exec(line)?.[1] ?? ''
    const family = findSecrets(comment, 'result')[0]?.family
    if (family !== undefined) add('comment', offset, family)
    offset += line.length + 1
  }
  return found
}

import fc from 'fast-check'
import JSON5 from 'json5'
import { parse as parseToml } from 'smol-toml'
import { describe, expect, test } from 'vitest'
import { parse as parseYaml, stringify } from 'yaml'
import { readConfigText, type ConfigFormat } from './config-text.ts'

const PARSE: Readonly<Record<ConfigFormat, (text: string) => unknown>> = {
  json: (text) => JSON5.parse(text),
  json5: (text) => JSON5.parse(text),
  toml: (text) => parseToml(text),
  yaml: (text) => parseYaml(text) as unknown,
}
const TEXTS: Readonly<Record<ConfigFormat, string>> = {
  json: '{\n  // kept\n  "a": { "b": 1, "c": [1, 2] }, // kept too\n  "d": "x",\n}\n',
  json5: "{\n  // kept\n  a: { b: 1, 'c': [1, 2], }, // kept too\n  d: 'x',\n}\n",
  toml: 'd = "x" # kept\n\n[a]\n# kept too\nb = 1\nc = [1, 2]\n',
  yaml: '# kept\na:\n  b: 1 # kept too\n  c:\n    - 1\n    - 2\n\nd: x\n',
}

describe.each(Object.keys(TEXTS) as ConfigFormat[])('a configuration in %s', (format) => {
  const text = readConfigText(format, TEXTS[format])
  const data = (of: { readonly text: string }): unknown => PARSE[format](of.text)

  test('SEC-7.1: one setting changes, and comments and neighbours keep their bytes', () => {
    const changed = text.set(['a', 'b'], false)
    expect(data(changed)).toEqual({ a: { b: false, c: [1, 2] }, d: 'x' })
    expect(changed.text).toBe(TEXTS[format].replace(/(b"?(?:: | = ))1/, '$1false'))
  })

  test('SEC-7.1: a setting is added where its neighbours are', () => {
    const changed = text.set(['a', 'new'], 'on')
    expect(data(changed)).toEqual({ a: { b: 1, c: [1, 2], new: 'on' }, d: 'x' })
    for (const word of ['kept', 'kept too']) expect(changed.text).toContain(word)
  })

  test('SEC-7.1: a setting is taken out, and nothing else', () => {
    const changed = text.remove(['a', 'b'])
    expect(data(changed)).toEqual({ a: { c: [1, 2] }, d: 'x' })
    expect(data(text.remove(['a', 'c']))).toEqual({ a: { b: 1 }, d: 'x' })
    expect(data(text.remove(['d']))).toEqual({ a: { b: 1, c: [1, 2] } })
    expect(text.remove(['a', 'none']).text).toBe(TEXTS[format])
  })
})

describe('YAML of any layout', () => {
  const key = fc.constantFrom('a', 'b', 'c', 'on', 'x-y', 'two words')
  const scalar = fc.oneof(
    fc.integer(),
    fc.boolean(),
    fc.constantFrom('x', 'yes', '', 'a: b', '# no', 'two\nlines', "it's"),
  )
  const { tree } = fc.letrec<{ tree: unknown; node: unknown }>((tie) => ({
    node: fc.oneof({ maxDepth: 3 }, scalar, fc.array(scalar, { minLength: 1, maxLength: 3 }), tie('tree')),
    tree: fc.dictionary(key, tie('node'), { minKeys: 1, maxKeys: 4, noNullPrototype: true }),
  }))
  const layout = fc.record({
    collectionStyle: fc.constantFrom('any', 'block', 'flow'),
    indent: fc.constantFrom(2, 3, 4),
    indentSeq: fc.boolean(),
  })

  test('SEC-7.1: setting and removing give the data they say, whatever the text looks like', () => {
    const path = fc.array(key, { minLength: 1, maxLength: 3 })
    fc.assert(
      fc.property(tree, layout, path, scalar, (before, { collectionStyle, ...rest }, at, value) => {
        const style = collectionStyle as 'any'
        const source = `# first\n${stringify(before, { ...rest, collectionStyle: style })}`
        const text = readConfigText('yaml', source)
        const changed = attempt(() => text.set(at, value))
        if (changed !== undefined) expect(parseYaml(changed.text)).toEqual(withSet(before, at, value))
        const removed = attempt(() => text.remove(at))
        if (removed !== undefined) expect(removed.get(at)).toBeUndefined()
        expect((removed ?? text).text.startsWith('# first')).toBe(true)
      }),
      { numRuns: 600 },
    )
  })

  test.each(['a: &x 1\nb: *x\n', '- 1\n', 'a: 1\na: 2\n', 'a: [', 'a: 1\n---\nb: 2\n'])(
    'SEC-7.1: %j is refused instead of guessed at',
    (source) =>
      expect(() => readConfigText('yaml', source)).toThrow(expect.objectContaining({ code: 'SP_CONFIG_INVALID' })),
  )
})

/** What cannot be changed in place is refused; everything else has to be right. */
function attempt<T>(act: () => T): T | undefined {
  try {
    return act()
  } catch (thrown) {
    expect(thrown).toMatchObject({ code: 'SP_CONFIG_INVALID' })
    return undefined
  }
}

function withSet(data: unknown, [key = '', ...rest]: readonly string[], value: unknown): unknown {
  const held = (data as Record<string, unknown>)[key]
  if (rest.length === 0) return { ...(data as object), [key]: value }
  return { ...(data as object), [key]: withSet(held ?? {}, rest, value) }
}

import { describe, expect, it } from 'vitest'
import { metacharactersIn, quoteForShell, sanitiseArgument } from './metacharacters.ts'

describe('metacharacters', () => {
  it.each([
    [';', 'semicolon'],
    ['&&', 'and'],
    ['||', 'or'],
    ['$(id)', 'command-substitution'],
    ['`id`', 'backquote'],
    ['|', 'pipe'],
    ['>', 'output-redirection'],
    ['<', 'input-redirection'],
    ['$HOME', 'variable'],
    ['${HOME}', 'braced-variable'],
    ['*', 'star'],
    ['?', 'question-mark'],
    ['[a]', 'bracket'],
    ['&', 'background'],
    ['\0', 'null'],
    ['\n', 'newline'],
    ['~', 'tilde'],
    ['{a,b}', 'brace'],
    ['!!', 'history'],
    ['<<', 'here-document'],
    ['<(x)', 'process-substitution'],
  ])('AC-3.3.2 ND-3.3.a: %j is found, bare and quoted', (text, id) => {
    for (const around of ['', "'", '"']) {
      expect(metacharactersIn(`a ${around}${text}${around} b`)).toContain(id)
    }
  })

  it('AC-3.3.2: plain words, paths and versions hold none', () => {
    for (const text of ['main', 'src/a-b_c.ts', 'v1.2.3', '@scope/pkg', 'a,b:c=d+e%f', 'größe']) {
      expect([text, metacharactersIn(text)]).toEqual([text, []])
    }
  })

  it.each([
    ['strict', 'a; b', 'block'],
    ['moderate', 'a; b', 'escape'],
    ['elevated', 'a; b', 'approve'],
    ['strict', '$(id)', 'block'],
    ['moderate', '$(id)', 'escape'],
    ['elevated', '$(id)', 'approve'],
    ['strict', 'main', 'pass'],
    ['moderate', 'main', 'pass'],
    ['elevated', 'main', 'pass'],
    ['strict', 'a\0b', 'block'],
    ['moderate', 'a\0b', 'block'],
    ['elevated', 'a\0b', 'block'],
    ['strict', '-rf', 'block'],
    ['moderate', '-rf', 'block'],
    ['elevated', '-rf', 'block'],
  ] as const)('AC-3.3.4: %s mode, %j: %s', (mode, argument, action) => {
    const sanitised = sanitiseArgument(argument, mode)
    expect(sanitised.action).toBe(action)
    expect(sanitised.quoted === undefined).toBe(action === 'block')
  })

  it('AC-3.3.1: single quotes are closed and opened around each single quote', () => {
    expect(quoteForShell("it's")).toBe(`'it'\\''s'`)
    expect(quoteForShell('')).toBe("''")
  })
})

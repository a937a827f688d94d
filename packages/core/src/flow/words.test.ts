import { expect, test } from 'vitest'
import { UserWords } from './words.ts'

const nothing = (): boolean => false
function heard(...utterances: readonly string[]): UserWords {
  const words = new UserWords()
  for (const each of utterances) words.hear(each, 'typed', nothing)
  return words
}

test('a mention carries its sentence', () => {
  expect(heard('Hello. Mail bob@corp.com today. Bye.').mention('Bob@Corp.com')).toEqual({
    kind: 'named',
    sentence: 'mail bob@corp.com today.',
    why: '',
  })
  expect(heard('Mail bob@corp.com').mention('ann@corp.com')).toBeUndefined()
  expect(new UserWords().mention('x')).toBeUndefined()
})

test('what is heard later changes what was found before', () => {
  const words = heard('Mail bob@corp.com')
  expect(words.mention('ann@corp.com')).toBeUndefined()
  words.hear('and ann@corp.com, but not bob@corp.com', 'typed', nothing)
  expect(words.mention('ann@corp.com')?.kind).toBe('named')
  expect(words.mention('bob@corp.com')?.kind).toBe('ambiguous')
})

test('sentences end at paragraphs, not at abbreviations', () => {
  expect(heard('Nothing for ann\n\nMail bob@corp.com').mention('bob@corp.com')?.kind).toBe('named')
  expect(heard('Nothing for Dr. bob@corp.com').mention('bob@corp.com')?.kind).toBe('ambiguous')
})

test('amounts: any way of writing; bare small numbers and years only with a currency', () => {
  const words = heard('Pay 1,250.00 to Ann and 40 EUR to Bob in 2024, room 12.')
  expect([1250, 40, 2024, 12].map((amount) => words.mentionAmount(amount)?.kind)).toEqual([
    'named',
    'named',
    undefined,
    undefined,
  ])
})

test('a name is said as a whole, or mostly by its words in a row', () => {
  const words = heard('Share the grocery list with Ann. Leave the team budget alone, do not open team-budget.xlsx.')
  expect(words.says('Grocery List')).toBe(true)
  expect(words.says('grocery')).toBe(true)
  expect(words.says('groceries')).toBe(false)
  expect(words.says('team-budget.xlsx')).toBe(false)
  expect(words.saysMost('grocery-list-today.docx')).toBe(true)
  expect(words.saysMost('list-of-friends.docx')).toBe(false)
  expect(words.saysMost(`${'grocery list '.repeat(20)}`)).toBe(false)
})

test('old words are forgotten when there are too many', () => {
  const words = heard('Mail bob@corp.com', 'x '.repeat(140_000))
  expect(words.mention('bob@corp.com')).toBeUndefined()
})

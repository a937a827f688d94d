import { expect, test } from 'vitest'
import { contentSinks, isGeneric, sinkParts } from './sinks.ts'

test('a leaf gives its addresses and what is left over', () => {
  expect(sinkParts('bob@corp.com')).toEqual(['bob@corp.com'])
  expect(sinkParts('a@x.com; B <b@x.com>,\r\n c')).toEqual(['a@x.com', 'b@x.com', 'B', 'c'])
  expect(sinkParts('https://x.com/a,b;c')).toEqual(['https://x.com/a,b;c'])
  expect(sinkParts(' , ')).toEqual([])
})

test('generic words mean nobody', () => {
  for (const word of ['me', 'All', '@everyone', '#1', 'team', '.', '']) expect(isGeneric(word)).toBe(true)
  for (const word of ['bob', 'general', 'b2']) expect(isGeneric(word)).toBe(false)
})

test('T-103: content leads to web addresses, mail addresses and accounts', () => {
  expect(contentSinks('Mail ann@corp.com, see https://x.io/a. IBAN DE89 3704 0044 0532 0130 00').sinks).toEqual([
    'https://x.io/a',
    'ann@corp.com',
    'DE89 3704 0044 0532 0130 00',
  ])
  expect(contentSinks('e.g. 2024-05-20 10:00, 12.50, v1.2.3 and/or').sinks).toEqual([])
  expect(contentSinks(Array.from({ length: 300 }, (_, at) => `a${at}@corp.com`).join(' ')).isWhole).toBe(false)
})

import { expect, test } from 'vitest'
import { casedWords, compactWords, isPlainForm, normalWords } from './normal.ts'

test('case, spaces, width and quotes fold; look-alike letters do not', () => {
  expect(normalWords('  Ｔhe\n “Plan”\u200b ')).toBe("the 'plan'")
  expect(casedWords('A  b')).toBe('A b')
  expect(normalWords('аnn')).not.toBe('ann')
  expect(compactWords('GB29 NWBK-60')).toBe('gb29nwbk60')
})

test('T-101: a value that only folds to the plain form is not in it', () => {
  for (const plain of ['bob@corp.com', 'Plan “B”…', 'ana@bücher.de', 'a\u00a0b', 'line\nline'])
    expect(isPlainForm(plain)).toBe(true)
  for (const odd of ['ｂob', 'b\u200bob', 'b\u0000ob', 'ﬁle', 'a\u0085']) expect(isPlainForm(odd)).toBe(false)
})

import { expect, test } from 'vitest'
import { RecordBook, recordsIn } from './records.ts'

test('records of JSON, and of lines as servers print lists', () => {
  expect(
    recordsIn('[{"id":"1","title":"A","who":["x","y"]},{"n":{"id":2}}]').map((each) => Object.fromEntries(each)),
  ).toEqual([{ id: ['1'], title: ['A'], who: ['x', 'y'] }, { id: ['2'] }])
  expect(
    recordsIn("- id: '1'\n  title: A\n    goes on\n  who:\n  - x\n  - y\n").map((each) => Object.fromEntries(each)),
  ).toEqual([{ id: ['1'], title: ['A goes on'], who: ['x', 'y'] }])
})

test('T-099: what breaks the form anywhere has no records', () => {
  for (const text of ['hello', "- id: '1'\n  title: A\nfree text", 'id: 1\nid: 2', '{"id":1', '- x\n- y'])
    expect(recordsIn(text)).toEqual([])
})

test('T-099: hostile nesting and size stay within bounds', () => {
  expect(recordsIn(`${'['.repeat(5_000)}${']'.repeat(5_000)}`)).toEqual([])
  expect(recordsIn(`[${'{"id":1},'.repeat(5_000)}{"id":1}]`).length).toBeLessThanOrEqual(2_000)
})

test('a record gives its id and its people, and only to what it holds', () => {
  const book = new RecordBook()
  book.note(
    '[{"id":"24","title":"Team Lunch","participants":["ann@corp.com"]},{"id":"25","title":"Review","participants":["ann@corp.com"]}]',
  )
  expect(book.namesFor('24', 'selector')).toEqual(['team lunch'])
  expect(book.namesFor('24', 'sink')).toEqual([])
  expect(book.namesFor('Ann@corp.com', 'sink')).toEqual(['team lunch', 'review'])
  expect(book.hasOther('review', (name) => name.startsWith('team'))).toBe(true)
})

import { expect, it } from 'vitest'
import { difference } from './diff.ts'

it('T-083: shows the lines that changed and those around them', () => {
  const lines = difference({ name: 'a', description: 'old' }, { name: 'a', description: 'new' })
  expect(lines).toEqual(['  {', '    "name": "a",', '-   "description": "old"', '+   "description": "new"', '  }'])
})

it('T-032: nothing that a server wrote can draw on the terminal', () => {
  const hostile = '\u001b[2J\u202e\u200b\u0007\r\n+ safe'
  const text = difference({ a: 1 }, { a: hostile }).join('\n')
  expect(text).toMatch(/^[\n -~]*$/)
  expect(text.split('\n')).toHaveLength(4)
})

import { describe, expect, it } from 'vitest'
import type { RegisteredTool } from '../action/tool.ts'
import type { JsonObject } from '../json/types.ts'
import { literal, textLiteral } from './cedar-text.ts'
import type { PolicyRequest } from './request.ts'
import { narrowestAllow, narrowestDeny } from './rule-draft.ts'
import { denyFile, exceptionClause, otherArguments, withClause } from './rule-edit.ts'
import { contextOf, type ContextOverrides } from './sample.ts'

const text = { type: 'string' }
const MAIL: RegisteredTool = {
  id: 'mail.send',
  server: 'mail',
  name: 'send',
  pin: '',
  annotated: true,
  elevated: false,
  definition: {
    name: 'send',
    inputSchema: {
      type: 'object',
      properties: {
        ...{
          to: { type: 'array', items: text },
          cc: { type: 'array', items: text },
          body: text,
          amount: { type: 'number' },
        },
        'reply-to': text,
      },
      additionalProperties: false,
    },
  },
  annotation: {
    ...{ effect: 'external', groups: [], irreversible: false, persist: false },
    args: { to: 'sink', cc: 'sink', body: 'content', amount: 'quantity', 'reply-to': 'sink' },
  },
}
const call = (args: JsonObject, more: ContextOverrides = {}): PolicyRequest => ({
  principal: { type: 'Agent', id: 'support' },
  action: MAIL.id,
  resource: { type: 'Server', id: 'mail' },
  context: contextOf({ args, facts: { omitted: ['amount', 'cc', 'reply-to'] }, ...more }),
})
const allow = (args: JsonObject, more: ContextOverrides = {}, tool = MAIL, logged = args) => {
  const found = narrowestAllow(tool, call(args, more), logged)
  return found.ok ? found.conditions : found.why
}

describe('the narrowest rule for calls like one', () => {
  it('SC5: every value that is no content is held, what was left out stays left out, and the session is no worse', () => {
    expect(allow({ to: ['bob@corp.example'], body: 'Hello' })).toEqual([
      'context.facts.omitted.contains("amount")',
      '!(context.args has cc)',
      '!(context.args has "reply-to")',
      'context.args has to && context.args.to == ["bob@corp.example"]',
      'context.facts.undeclared.isEmpty()',
      '!context.labels.tainted',
      'context.labels.confidentiality <= 1',
    ])
    const secret = { labels: { tainted: false, integrity: 3, confidentiality: 3 } }
    expect(allow({ to: ['bob@corp.example'] }, { ...secret, facts: { omitted: ['amount'] } }).at(-1)).toBe(
      '!context.labels.tainted',
    )
  })

  it('SC5: nothing is drafted where a value cannot be named, is masked in the log, or came in another way', () => {
    expect(allow({ to: ['a@b.example'], amount: 1.5 })).toMatch(/Cedar cannot name the value of “amount”/)
    expect(allow({ to: ['a@b.example'] }, { facts: { omitted: [] } })).toMatch(/cannot say that “amount” is left out/)
    expect(allow({ to: [['a@b.example']] })).toMatch(/cannot name the value of “to”/)
    expect(allow({ to: ['\ud800'] })).toMatch(/cannot name the value of “to”/)
    expect(allow({ to: ['a@b.example'] }, {}, MAIL, { to: ['[redacted]'] })).toMatch(/masked in the log/)
  })

  it('SC5: a tool whose arguments are open is held by what they reach, and a tainted session stays possible only where it was one', () => {
    const { additionalProperties: _closed, ...inputSchema } = MAIL.definition.inputSchema
    const open = { ...MAIL, definition: { ...MAIL.definition, inputSchema } }
    const facts = { omitted: ['amount', 'cc', 'reply-to'], hosts: ['corp.example'], addresses: ['bob@corp.example'] }
    const found = allow({ to: ['bob@corp.example'] }, { facts, labels: { tainted: true } }, open)
    expect(found).toContain('["bob@corp.example"].containsAll(context.facts.addresses)')
    expect(found).toContain('context.facts.paths.isEmpty()')
    expect(found).not.toContain('!context.labels.tainted')
  })

  it('SC5: a denial holds for the destination, whoever stands beside it and however it is spelt', () => {
    const facts = { addresses: ['bob@corp.example', 'in-the-text@else.example'] }
    const found = narrowestDeny(MAIL, call({ to: ['Bob@Corp.example'], body: 'x' }, { facts }), {})
    expect(found.ok && found.conditions).toEqual(['context.facts.addresses.containsAny(["bob@corp.example"])'])
  })

  it('T-034: what an agent wrote cannot become Cedar', () => {
    const evil = '"] || true || ["\n}; permit(principal,action,resource); //\u202e'
    expect(textLiteral(evil)).toBe('"\\"] || true || [\\"\\u{a}}; permit(principal,action,resource); //\\u{202e}"')
    expect(literal([evil])).not.toContain('\n')
    expect(denyFile(call({}), 'x', [`context.args.to == ${textLiteral(evil)}`]).match(/^permit/m)).toBeNull()
  })

  it('SC5: the exception goes into the rule that asked, and the version rises', () => {
    const rule = '@id("a")\nforbid (principal, action, resource)\nunless { context.approved } // why\n;'
    const file = `// version: 1.9\n${rule}\n@id("b")\nforbid (principal, action, resource);\n`
    const clause = exceptionClause(call({}), ['!context.labels.tainted'])
    const changed = withClause(file, rule, clause)
    expect(changed).toContain('// version: 1.10')
    expect(changed).toContain(
      '// why\nunless {\n  principal == Agent::"support" &&\n  action == Action::"mail.send" &&',
    )
    expect(changed).toContain('@id("b")')
    expect(withClause(file + rule, rule, clause)).toBeUndefined()
  })

  it('SC5: a test of something else has another value of the same kind', () => {
    expect(otherArguments({ to: ['bob@corp.example'] })).toEqual({ to: ['somebody@elsewhere.example'] })
    expect(otherArguments({ id: 7 })).toEqual({ id: 8 })
    expect(otherArguments({ to: [] })).toBeUndefined()
  })
})

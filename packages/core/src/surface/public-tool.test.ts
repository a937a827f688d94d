import { describe, expect, test } from 'vitest'
import { UNCLASSIFIED, type RegisteredTool, type ToolAnnotation } from '../action/tool.ts'
import { misScoped, unfit, type SurfaceTools } from './public-tool.ts'
import { isSurface, serves, SURFACES, TOOL_SCOPES } from './surface.ts'

const create = { scope: 'external', effect: 'create', perHour: 10 } as const
const read = { scope: 'both', effect: 'read' } as const
const reasons = (tools: SurfaceTools) => Object.fromEntries(misScoped(tools).map(({ tool, reason }) => [tool, reason]))

describe('HB-18: whom a tool serves', () => {
  test('SYS-2: three scopes and three surfaces, and nothing between them', () => {
    const table = TOOL_SCOPES.map((scope) => [scope, SURFACES.filter((surface) => serves(scope, surface))])
    expect(table).toEqual([
      ['internal', ['local', 'admin']],
      ['external', ['public']],
      ['both', ['local', 'public', 'admin']],
    ])
  })

  test.each([
    ['Public', 'both'],
    ['', 'both'],
    ['__proto__', 'both'],
    ['public', 'everything'],
    ['public', 'constructor'],
    ['admin', ''],
  ])('HB-7: surface %j with scope %j serves nobody', (surface, scope) => {
    expect(serves(scope as 'both', surface as 'public')).toBe(false)
    expect(isSurface(surface) && TOOL_SCOPES.includes(scope as 'both')).toBe(false)
  })
})

describe('E-91: what strangers are given only reads what is public, or adds', () => {
  test('HB-80: the list of the handbook passes: questions, leads, bookings', () => {
    expect(
      misScoped({
        'kb.search_articles': read,
        'kb.getSettings': read,
        'shop.list_free_slots': read,
        'shop.book_slot': create,
        'shop.check_availability': read,
        'crm.create_lead': create,
        'crm.captureLead': create,
        'web.get_book': read,
        'crm.delete_lead': { scope: 'internal' },
      }),
    ).toEqual([])
  })

  test.each([
    ['update_lead', create, '"update"'],
    ['deleteLead', create, '"delete"'],
    ['leads.Remove-All', create, '"remove"'],
    ['UPSERT_lead', create, '"upsert"'],
    ['get_lead', create, '"get"'],
    ['list_then_delete', read, '"delete"'],
    ['create_lead', read, '"create" is not a read'],
    ['send_newsletter', create, '"send"'],
    ['exec', read, '"exec"'],
    ['mcp:resources/read', read, 'Methods of a server'],
    ['create_lead', { scope: 'external' } as const, 'effect'],
    ['create_lead', { scope: 'both', effect: 'create' } as const, 'perHour'],
    ['search', { ...read, perHour: 3 }, 'perHour'],
  ])('HB-18: %s as %o is refused', (name, entry, why) => {
    expect(reasons({ [`crm.${name}`]: entry })[`crm.${name}`]).toContain(why)
  })

  test.each([
    'get_lead',
    'listLeads',
    'find_leads_by_mail',
    'crm-export.leads',
    'show_lead_details',
    'query_all_leads',
  ])('E-91: %s gives strangers nothing back of what others left', (name) => {
    expect(reasons({ 'crm.create_lead': create, [`other.${name}`]: read })[`other.${name}`]).toContain('reads back')
    expect(misScoped({ [`other.${name}`]: read })).toEqual([])
  })

  test('E-91: what was booked is not read back either', () => {
    expect(reasons({ 'shop.book_slot': create, 'shop.list_bookings': read })).toEqual({
      'shop.list_bookings': 'It reads back what strangers leave as "booking" (E-91).',
    })
  })
})

const tool = (annotation: Partial<ToolAnnotation> = {}, more: Partial<RegisteredTool> = {}): RegisteredTool => ({
  ...{ id: 'crm.x', server: 'crm', name: 'x', pin: 'p', annotated: true, elevated: false },
  definition: { name: 'x', inputSchema: {} },
  annotation: { ...UNCLASSIFIED, groups: ['group:crm'], ...annotation },
  ...more,
})
const open = { integrity: 2, confidentiality: 0 } as const

describe('E-91: what is known of the tool itself counts, not only its name', () => {
  test('a described read of public things and a described write are fit', () => {
    expect(unfit(tool({ effect: 'read', result: open }), read)).toBeUndefined()
    expect(unfit(tool({ effect: 'write' }), create)).toBeUndefined()
    expect(unfit(tool({ effect: 'external' }), create)).toBeUndefined()
  })

  test.each([
    ['nobody described it', tool({ effect: 'read', result: open }, { annotated: false }), read],
    ['its results are not declared public', tool({ effect: 'read' }), read],
    ['its results are internal', tool({ effect: 'read', result: { integrity: 3, confidentiality: 1 } }), read],
    ['it is called a read and writes', tool({ effect: 'write', result: open }), read],
    ['it is called an addition and reads', tool({ effect: 'read', result: open }), create],
    ['it cannot be taken back', tool({ effect: 'write', irreversible: true }), create],
    ['it acts again later', tool({ effect: 'write', persist: true }), create],
    ['it changes rights', tool({ effect: 'write', sensitive: true }), create],
    ['it runs commands', tool({ effect: 'write', groups: ['group:runtime'] }), create],
    ['it always needs a human', tool({ effect: 'read', result: open }, { elevated: true }), read],
    [
      'its server calls it destructive',
      tool({ effect: 'write' }, { definition: { name: 'x', inputSchema: {}, annotations: { destructiveHint: true } } }),
      create,
    ],
  ])('unfit: %s', (_, given, entry) => {
    expect(unfit(given, entry)).toMatch(/^\S.*\.$/)
  })
})

import { readFileSync } from 'node:fs'
import { Ajv2020 } from 'ajv/dist/2020.js'
import { describe, expect, it } from 'vitest'
import { tableOfEntries } from '../../packages/gateway/src/routes.ts'

const text = readFileSync(new URL('../../docs/reference/openapi.json', import.meta.url), 'utf8')
// oxlint-disable-next-line typescript/no-explicit-any
const document: any = JSON.parse(text)

const closed = (properties: object, required: readonly string[] = []) => ({
  type: 'object',
  properties,
  required,
  additionalProperties: false,
  patternProperties: { '^x-': {} },
})
const text_ = { type: 'string', minLength: 1 }
const reference = closed({ $ref: { type: 'string', pattern: '^#/components/' } }, ['$ref'])
const response = closed(
  {
    description: text_,
    headers: { type: 'object', additionalProperties: closed({ description: text_, schema: { type: 'object' } }) },
    content: { type: 'object', additionalProperties: closed({ schema: { type: ['object', 'boolean'] } }) },
  },
  ['description'],
)
/** What OpenAPI 3.1 says of the parts that are used here (section 4.8), closed. */
const OPENAPI = closed(
  {
    openapi: { type: 'string', pattern: '^3\\.1\\.\\d+$' },
    info: closed(
      {
        title: text_,
        version: text_,
        description: text_,
        license: closed({ name: text_, identifier: text_ }, ['name']),
      },
      ['title', 'version'],
    ),
    paths: {
      type: 'object',
      propertyNames: { pattern: '^/' },
      additionalProperties: {
        type: 'object',
        propertyNames: { enum: ['get', 'put', 'post', 'delete', 'options', 'head', 'patch', 'trace'] },
        additionalProperties: closed(
          {
            operationId: text_,
            tags: { type: 'array', items: text_ },
            summary: text_,
            description: text_,
            parameters: {
              type: 'array',
              items: closed(
                {
                  name: text_,
                  in: { enum: ['query', 'header', 'path', 'cookie'] },
                  required: { const: true },
                  schema: { type: 'object' },
                },
                ['name', 'in', 'required', 'schema'],
              ),
            },
            requestBody: closed({ content: { type: 'object', minProperties: 1 } }, ['content']),
            responses: {
              type: 'object',
              minProperties: 1,
              propertyNames: { pattern: '^([1-5](\\d\\d|XX)|default)$' },
              additionalProperties: { anyOf: [reference, response] },
            },
            security: {
              type: 'array',
              items: { type: 'object', minProperties: 1, additionalProperties: { type: 'array', items: text_ } },
            },
          },
          ['responses'],
        ),
      },
    },
    components: closed({
      schemas: { type: 'object' },
      responses: { type: 'object', additionalProperties: response },
      securitySchemes: {
        type: 'object',
        additionalProperties: {
          oneOf: [
            closed({ type: { const: 'http' }, scheme: text_, description: text_ }, ['type', 'scheme']),
            closed(
              {
                type: { const: 'apiKey' },
                in: { enum: ['query', 'header', 'cookie'] },
                name: text_,
                description: text_,
              },
              ['type', 'in', 'name'],
            ),
            closed({ type: { const: 'mutualTLS' }, description: text_ }, ['type']),
          ],
        },
      },
    }),
  },
  ['openapi', 'info', 'paths'],
)

const operations = Object.entries<Record<string, never>>(document.paths).flatMap(([path, item]) =>
  // oxlint-disable-next-line typescript/no-explicit-any
  Object.entries<any>(item).map(([method, operation]) => ({ path, method, operation })),
)

describe('docs/reference/openapi.json', () => {
  it('SEC-2.1: has the form of OpenAPI 3.1', () => {
    const ajv = new Ajv2020({ strict: true, allErrors: true, allowUnionTypes: true })
    const isValid = ajv.compile(OPENAPI)
    isValid(document)
    expect(isValid.errors ?? []).toEqual([])
    isValid({ ...document, paths: { 'no-slash': {} } })
    expect(isValid.errors).not.toBeNull()
  })

  it('every reference, scheme and path parameter is there, and every operation has a name of its own', () => {
    const references = [...text.matchAll(/"\$ref": "#\/([^"]+)"/g)].map(([, pointer = '']) => pointer)
    expect(references.length).toBeGreaterThan(10)
    for (const pointer of references) {
      expect(pointer.split('/').reduce((at, key) => at?.[key], document)).toBeDefined()
    }
    const names = operations.map(({ operation }) => operation.operationId)
    expect(new Set(names).size).toBe(names.length)
    for (const { path, operation } of operations) {
      const inPath = [...path.matchAll(/\{([^}]+)\}/g)].map(([, name]) => name)
      expect((operation.parameters ?? []).map(({ name }: { name: string }) => name)).toEqual(inPath)
      for (const needs of operation.security) {
        for (const scheme of Object.keys(needs))
          expect(Object.keys(document.components.securitySchemes)).toContain(scheme)
      }
    }
  })

  it('AC-2.1.1: has every entry of the table but the static ones, and no entry without authentication that is not public', () => {
    const listed = new Set(operations.map(({ path, method }) => `${method.toUpperCase()} ${path}`))
    for (const entry of tableOfEntries()) {
      if ('raw' in entry && (entry.raw === 'page' || entry.raw === 'asset')) continue
      expect(listed).toContain(`${entry.method} ${entry.path.replaceAll(/:([a-zA-Z]+)/g, '{$1}')}`)
    }
    for (const { operation } of operations) {
      expect(operation.security.length === 0).toBe(operation['x-scope'] === 'public')
      if (operation['x-scope'] === 'public') expect(operation.description).toMatch(/^Public: .{20}/)
    }
  })
})

import { Ajv } from 'ajv'
import { expect, test } from 'vitest'
import { POLICY_DOCUMENT_SCHEMA, POLICY_TEST_SCHEMA } from '@sallyport/core'

test.each([
  ['policies', POLICY_DOCUMENT_SCHEMA],
  ['policy tests', POLICY_TEST_SCHEMA],
])('the schema of %s is one: a start does not check it again', (_, schema) => {
  const ajv = new Ajv()
  expect(ajv.validateSchema(schema), ajv.errorsText()).toBe(true)
})

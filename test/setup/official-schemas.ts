import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Ajv, type ValidateFunction } from 'ajv'

const read = (name: string): Record<string, unknown> =>
  JSON.parse(readFileSync(join(import.meta.dirname, '../../schemas', name), 'utf8'))

/** What a document does wrong by a schema of `schemas/`; empty when it is valid. */
const errorsBy =
  (validate: ValidateFunction) =>
  (document: unknown): readonly string[] =>
    validate(document) ? [] : (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`)

const ajv = (): Ajv => new Ajv({ strict: false, allErrors: true, validateFormats: false, unicodeRegExp: false })

/** SARIF 2.1.0. Its schema is of draft 4, of which it uses nothing that draft 7 reads otherwise. */
export const sarifErrors = once(() => {
  const { $schema: _draft, id: _address, ...schema } = read('sarif-2.1.0-rtm.5.json')
  return errorsBy(ajv().compile(schema))
})

/** CycloneDX 1.6. */
export const cyclonedxErrors = once(() => {
  const reader = ajv()
  for (const name of ['jsf-0.82', 'spdx'])
    reader.addSchema(read(`${name}.SNAPSHOT.schema.json`), `http://cyclonedx.org/schema/${name}.SNAPSHOT.schema.json`)
  return errorsBy(reader.compile(read('bom-1.6.SNAPSHOT.schema.json')))
})

/** A schema takes long to be read: it is, when the first document is held against it. */
function once(make: () => (document: unknown) => readonly string[]): (document: unknown) => readonly string[] {
  let made: ReturnType<typeof make> | undefined
  return (document) => (made ??= make())(document)
}

import { describe, expect, test } from 'vitest'
import { judgeBody, judgeQuery, readsWhole, type Constraints } from './constraints.ts'
import { validateCredentialScope } from './scope.ts'

const NONE: Constraints = { noAttachmentUpload: false }
const JSON_TYPE = 'application/json'
const FORM_TYPE = 'application/x-www-form-urlencoded'
const judged = (
  constraints: Partial<Constraints>,
  body: string,
  type = JSON_TYPE,
  more: Record<string, string> = {},
) => {
  const headers = { ...(type === '' ? {} : { 'content-type': type }), ...more }
  return judgeBody({ ...NONE, ...constraints }, { headers, path: '/', search: '' }, Buffer.from(body))
}

describe('constraints of a credential', () => {
  test('HB-93: without constraints a body is not read, and nothing is asked of it', () => {
    expect(readsWhole(NONE)).toBe(false)
    expect(readsWhole({ ...NONE, maxBodyBytes: 0 })).toBe(true)
    expect(judged({}, 'anything', 'text/plain')).toBeUndefined()
    expect(judgeQuery(NONE, '?anything=1')).toBeUndefined()
  })

  test.each([
    ['', true],
    ['?limit=1&page=2', true],
    ['?l%69mit=1', true],
    ['?limit=1&export=all', false],
    ['?export', false],
    ['?limit[]=1', false],
  ])('HB-93: of the query %s: %s', (search, isKept) => {
    const broken = judgeQuery({ ...NONE, query: ['limit', 'page'] }, search)
    expect(broken?.member).toBe(isKept ? undefined : 'query')
    if (!isKept) expect(broken?.reason).toMatch(/may have limit, page, not (export|limit\[\])/)
  })

  test.each([
    [JSON_TYPE, '{}', true],
    ['Application/JSON; charset=utf-8', '{}', true],
    ['text/plain', 'x', false],
    ['', 'x', false],
    ['text/plain', '', true],
  ])('HB-93: a body that is %j', (type, body, isKept) => {
    expect(judged({ contentTypes: [JSON_TYPE] }, body, type)?.member).toBe(isKept ? undefined : 'contentTypes')
  })

  test.each([
    ['{"to":"a@b.c","text":"see the file attached"}', JSON_TYPE, true],
    ['{"text":"raw"}', JSON_TYPE, true],
    ['to=a@b.c&text=hello', FORM_TYPE, true],
    ['', '', true],
    ['{"attachments":[]}', JSON_TYPE, false],
    ['{"a":[{"b":{"Attachment":"x"}}]}', JSON_TYPE, false],
    ['{"attach\\u006dent_url":"x"}', JSON_TYPE, false],
    ['{"raw":"x"}', JSON_TYPE, false],
    ['attachments[0][name]=x', FORM_TYPE, false],
    ['f%69le=x', FORM_TYPE, false],
    ['--x', 'multipart/form-data; boundary=x', false],
  ])('HB-93: no_attachment_upload and %j', (body, type, isKept) => {
    const broken = judged({ noAttachmentUpload: true }, body, type)
    expect(broken?.member).toBe(isKept ? undefined : 'noAttachmentUpload')
  })

  test.each([
    ['text/plain', 'x'],
    ['application/octet-stream', 'x'],
    ['', 'x'],
    [JSON_TYPE, '{"a":1,"a":2}'],
    [JSON_TYPE, 'no json'],
  ])('HB-93: what cannot be looked into (%s %j) has attachments for all anybody knows', (type, body) => {
    expect(() => judged({ noAttachmentUpload: true }, body, type)).toThrow(
      expect.objectContaining({ code: 'SP_VAULT_BODY' }) as Error,
    )
  })

  const recipients = { at: ['/to', '/cc', '/list/*/email'], allow: ['*@acme.example', 'ana@other.example'] }
  test.each([
    ['{"to":"bob@acme.example"}', true],
    ['{"to":["BOB@Acme.example","ana@other.example"]}', true],
    ['{"list":[{"email":"bob@acme.example"}]}', true],
    ['{"to":"bob@acme.example, ana@other.example"}', true],
    ['{"to":"bob@acme.example","cc":"eve@evil.example"}', false],
    ['{"to":["bob@acme.example","eve@evil.example"]}', false],
    ['{"to":"bob@acme.example,eve@evil.example"}', false],
    ['{"to":"eve@evil.example <bob@acme.example>"}', false],
    ['{"to":"eve@evil.example\\nbob@acme.example"}', false],
    ['{"to":"x@evil.example@acme.example"}', false],
    ['{"to":"bob@acme.example.evil.example"}', false],
    ['{"to":"bob@sub.acme.example"}', false],
    ['{"to":{"email":"bob@acme.example"}}', false],
    ['{"list":[{"email":"bob@acme.example"},{"email":"eve@evil.example"}]}', false],
    ['{"to":""}', false],
    ['{"bcc":"eve@evil.example"}', false],
    ['{"to":"bob@acme.example","bcc":"eve@evil.example"}', false],
    ['{"to":"bob@acme.example","x":[{"y":"Eve <eve@evil.example>"}]}', false],
    ['{"to":"bob@acme.example","text":"write to eve@evil.example, please"}', true],
    ['{}', false],
  ])('HB-93, HB-64: mail to whom it may go: %s', (body, isKept) => {
    const broken = judged({ recipients }, body)
    expect(broken?.member).toBe(isKept ? undefined : 'recipients')
    if (!isKept) expect(broken?.reason).toContain('It may go to *@acme.example, ana@other.example, not to')
  })

  test.each([
    ['to=bob%40acme.example', true],
    ['to=bob%40acme.example&to=eve%40evil.example', false],
    ['to=bob%40acme.example&cc=eve%40evil.example', false],
  ])('HB-93: the same in a form: %s', (body, isKept) => {
    expect(judged({ recipients }, body, FORM_TYPE)?.member).toBe(isKept ? undefined : 'recipients')
  })
})

describe('scopes', () => {
  test('AC-4.4.2, AC-4.4.3: one function says what is needed and what there is; what nobody mapped is denied', () => {
    expect(validateCredentialScope({ required: ['read:analytics'], actual: ['read:analytics'] })).toEqual({ ok: true })
    expect(validateCredentialScope({ required: ['a:b', 'c:d'], actual: ['c:d'] })).toEqual({ ok: true })
    expect(validateCredentialScope({ required: ['send:email'], actual: ['read:analytics', 'read:logs'] })).toEqual({
      ok: false,
      reason: 'It needs send:email; the credential has read:analytics, read:logs.',
    })
    expect(validateCredentialScope({ required: [], actual: ['admin'] })).toEqual({
      ok: false,
      reason: 'Nothing says what it needs; the credential has admin.',
    })
    expect(validateCredentialScope({ required: ['read'], actual: [] })).toMatchObject({
      reason: expect.stringContaining('has nothing') as string,
    })
    expect(validateCredentialScope({ required: ['read'], actual: ['read:x', 'READ', ' read'] }).ok).toBe(false)
  })
})

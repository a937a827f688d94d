import { decisionDigest, viewDigest, type ApprovalView, type JsonObject } from '@sallyport/core'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { addAuthenticator, newContext } from '../test/browser/kit.ts'
import { Authenticator } from '../test/presence/authenticator.ts'
import type { Answer, Stage } from './surfaces-stage.ts'

/** Somebody who is signed in by a passkey, without a browser. */
export interface Person {
  readonly cookie: string
  ask(method: string, path: string, body?: unknown): Promise<Answer>
  /** Approves as the console does: an assertion over exactly what the gateway shows. @returns when it was sent and answered, ms */
  approve(id: string): Promise<{ readonly sent: number; readonly answered: number }>
}

/** Adds a person with a software passkey; each `signIn` of it is a session of its own. */
export async function addPerson(stage: Stage, name: string, isNew = true): Promise<{ signIn(): Promise<Person> }> {
  const operator = `operator:${name}`
  if (isNew) await stage.tell('person', name)
  const { origin } = stage
  const key = new Authenticator({ origin, rpId: new URL(origin).hostname })
  await stage.tell('enrolled', operator, key.create(await stage.tell<JsonObject>('enrol', operator)))
  return {
    async signIn() {
      const options = await stage.page({ method: 'POST', path: '/api/v1/sign-in/passkey/options', body: {} })
      const response = key.get(JSON.parse(options.text) as JsonObject)
      const done = await stage.page({ method: 'POST', path: '/api/v1/sign-in/passkey', body: { response } })
      if (done.status !== 200) throw new Error(`signing in answered ${done.status} ${done.text}`)
      const cookie = (done.headers['set-cookie'] ?? []).map((line) => line.split(';')[0]).join('; ')
      const ask: Person['ask'] = (method, path, body) => stage.page({ method, path, body, headers: { cookie } })
      return { cookie, ask, approve: (id) => approve(ask, key, operator, id) }
    },
  }
}

async function approve(ask: Person['ask'], key: Authenticator, operator: string, id: string) {
  const path = `/api/v1/approvals/${id}`
  const [shown, asked] = await Promise.all([ask('GET', path), ask('GET', `${path}/challenge?nonce=${'cd'.repeat(32)}`)])
  const view = viewDigest((JSON.parse(shown.text) as { view: ApprovalView }).view)
  const { nonce, notAfter, call } = JSON.parse(asked.text) as { nonce: string; notAfter: number; call: string }
  const scope = { kind: 'once' } as const
  const decision = decisionDigest({ approvalId: id, call, view, scope, notAfter, nonce })
  const body = { operator, nonce, notAfter, assertion: key.assert(decision), view, scope, reason: 'measured' }
  const sent = Date.now()
  const { status, text } = await ask('POST', `${path}/approve`, body)
  const answered = Date.now()
  if (status !== 200) throw new Error(`approving answered ${status} ${text}`)
  return { sent, answered }
}

const CREATE = `async (options) => (await navigator.credentials.create({
  publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(options) })).toJSON()`
const SIGN_IN = `async () => {
  const send = (path, body) => fetch(path, { method: 'POST', body: JSON.stringify(body),
    headers: { 'content-type': 'application/json' } })
  const options = await (await send('/api/v1/sign-in/passkey/options', {})).json()
  const publicKey = PublicKeyCredential.parseRequestOptionsFromJSON(options)
  const response = (await navigator.credentials.get({ publicKey })).toJSON()
  return (await send('/api/v1/sign-in/passkey', { response })).status
}`

/** A browser in which this person, who is new, has a passkey and is signed in. */
export async function signedInBrowser(
  stage: Stage,
  browser: Browser,
  name: string,
): Promise<{ readonly context: BrowserContext; readonly page: Page }> {
  await stage.tell('person', name)
  const context = await newContext(browser)
  const page = await context.newPage()
  await page.goto(`${stage.origin}/sign-in`)
  await addAuthenticator(page)
  const options = await stage.tell('enrol', `operator:${name}`)
  await stage.tell('enrolled', `operator:${name}`, await page.evaluate(`(${CREATE})(${JSON.stringify(options)})`))
  const status = await page.evaluate(`(${SIGN_IN})()`)
  if (status !== 200) throw new Error(`signing in answered ${String(status)}`)
  return { context, page }
}

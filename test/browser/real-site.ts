import type { Browser, BrowserContext, Page } from 'playwright-core'
import { openSite, type Site } from '../people/console.ts'
import { addAuthenticator, newContext, watchFaults, type Look } from './kit.ts'

export interface SignedIn {
  readonly context: BrowserContext
  readonly page: Page
  readonly faults: readonly string[]
}

/** A real gateway with its console, and Ana, who signs in with the passkey of a real (virtual) authenticator. */
export async function openRealSite(config = ''): Promise<Site> {
  const site = await openSite(config)
  const roles = ['approver', 'policy', 'admin'] as const
  await site.gateway.people.people.add('ana', [...roles], 'operator:ana', { origin: 'founder' })
  return site
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

/** A page of a new browser context in which Ana has a passkey and is signed in. */
export async function signIn(browser: Browser, site: Site, look: Look = {}): Promise<SignedIn> {
  const context = await newContext(browser, look)
  const faults = await watchFaults(context)
  const page = await context.newPage()
  await page.goto(`${site.origin}/sign-in`)
  await addAuthenticator(page)
  const { passkeys } = site.gateway.presence
  if (passkeys === undefined) throw new Error('no passkeys')
  const made = await page.evaluate(`(${CREATE})(${JSON.stringify(await passkeys.beginEnrolment('operator:ana'))})`)
  const isFirst = (await passkeys.list('operator:ana')).length === 0
  const by = isFirst ? ({ kind: 'first' } as const) : ({ kind: 'presence', operator: 'operator:ana' } as const)
  const done = await passkeys.finishEnrolment('operator:ana', made as never, by, 'test', '127.0.0.1')
  if (!done.ok) throw new Error(`${done.code} ${done.reason}`)
  const status = await page.evaluate(`(${SIGN_IN})()`)
  if (status !== 200) throw new Error(`signing in answered ${String(status)}`)
  return { context, page, faults }
}

import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import axeCore from 'axe-core'
import { chromium, type Browser, type BrowserContext, type Page } from 'playwright-core'

export interface Look {
  readonly width?: number
  readonly height?: number
  readonly dark?: boolean
}

/** One Chromium for a test file. It does not say that it is remote-controlled: that switches deciding off. */
export function startBrowser(): Promise<Browser> {
  return chromium.launch({
    executablePath: process.env['SALLYPORT_CHROMIUM'] ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-blink-features=AutomationControlled'],
  })
}

/** A context in which two runs look the same. */
export function newContext(browser: Browser, { width = 1440, height = 1010, dark = false }: Look = {}) {
  return browser.newContext({
    viewport: { width, height },
    deviceScaleFactor: 1,
    colorScheme: dark ? 'dark' : 'light',
    reducedMotion: 'reduce',
    locale: 'en-GB',
    timezoneId: 'UTC',
    ignoreHTTPSErrors: true,
  })
}

/** A virtual authenticator that touches itself. */
export interface Passkey {
  /** False is one whose human is not there. */
  setVerified(verified: boolean): Promise<void>
  /** A security key is plugged in for a while; nobody touches this one meanwhile. */
  withSecurityKey(use: () => Promise<void>): Promise<void>
}

export async function addAuthenticator(page: Page): Promise<Passkey> {
  const cdp = await page.context().newCDPSession(page)
  await cdp.send('WebAuthn.enable')
  const add = async (transport: 'internal' | 'usb'): Promise<string> => {
    const options = {
      ...({ protocol: 'ctap2', transport, hasResidentKey: true, hasUserVerification: true } as const),
      ...{ isUserVerified: true, automaticPresenceSimulation: true },
    }
    return (await cdp.send('WebAuthn.addVirtualAuthenticator', { options })).authenticatorId
  }
  const authenticatorId = await add('internal')
  const touch = (enabled: boolean) => cdp.send('WebAuthn.setAutomaticPresenceSimulation', { authenticatorId, enabled })
  return {
    setVerified: async (isUserVerified) => {
      await cdp.send('WebAuthn.setUserVerified', { authenticatorId, isUserVerified })
    },
    withSecurityKey: async (use) => {
      const key = await add('usb')
      await touch(false)
      await use()
      await cdp.send('WebAuthn.removeVirtualAuthenticator', { authenticatorId: key })
      await touch(true)
    },
  }
}

const TAGS = ['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa']
const COLOURS = ['color-contrast', 'link-in-text-block']

/**
 * Faults of a page that axe finds by WCAG 2.2 A and AA, one line each; [] is the aim. In the dark theme only by the rules about
 * colours: nothing else changes with the theme, and every state is looked at in the light one too.
 */
export async function axe(page: Page): Promise<readonly string[]> {
  // the pages of this console come and go within one document
  if (!(await page.evaluate<boolean>('"axe" in window'))) await page.evaluate(`${axeCore.source};0`)
  const options = { resultTypes: ['violations'], iframes: false, selectors: false }
  return page.evaluate<readonly string[]>(`(async () => {
    const isDark = matchMedia('(prefers-color-scheme: dark)').matches
    const runOnly = isDark ? ${JSON.stringify(COLOURS)} : ${JSON.stringify(TAGS)}
    const { violations } = await axe.run(document, { ...${JSON.stringify(options)}, runOnly })
    return violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => id + ': ' + html.slice(0, 160)))
  })()`)
}

/** Picture of the page, where SALLYPORT_SHOTS names a folder. */
export async function shot(page: Page, name: string): Promise<void> {
  const folder = process.env['SALLYPORT_SHOTS']
  if (folder === undefined) return
  mkdirSync(folder, { recursive: true })
  await page.screenshot({ path: join(folder, `${name}.png`), animations: 'disabled', caret: 'hide' })
}

/** Collects what no page may have: policy violations, errors in the console, exceptions. */
export async function watchFaults(context: BrowserContext): Promise<readonly string[]> {
  const faults: string[] = []
  await context.exposeFunction('sallyportFault', (text: string) => void faults.push(text))
  await context.addInitScript({
    content: `document.addEventListener('securitypolicyviolation', (event) =>
      sallyportFault(event.violatedDirective + ' ' + event.blockedURI + ' ' + event.sourceFile))`,
  })
  context.on('weberror', (error) => faults.push(String(error.error())))
  return faults
}

/** False when something is wider than the screen, so that the page would scroll sideways. */
export const fits = (page: Page): Promise<boolean> =>
  page.evaluate('document.documentElement.scrollWidth <= innerWidth')

import { SallyportError } from '@sallyport/core'
import { languageNamed } from './assurance/scan/code/languages.ts'
import type { ScanCode } from './assurance/scan/code/scan-code.ts'
import type { CodeScanPort } from './ingress/api/scan-routes.ts'

/** The scanner of the API: its parsers are loaded when somebody asks for the first time. */
export function createCodeScanPort(): CodeScanPort {
  let loaded: Promise<ScanCode> | undefined
  return {
    scan: async (text, name) => {
      const language = languageNamed(name)
      if (language === undefined) throw new SallyportError('SP_SCAN_LANGUAGE', `It says ${name}.`)
      return (await (loaded ??= load()))(text, language)
    },
  }
}

async function load(): Promise<ScanCode> {
  const [{ createReadSource }, { createCodeScanner }] = await Promise.all([
    import('./assurance/scan/code/read/read-source.ts'),
    import('./assurance/scan/code/scan-code.ts'),
  ])
  return createCodeScanner(await createReadSource({ now: () => performance.now() }))
}

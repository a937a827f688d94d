import { createReadSource, type ReadSourceDeps } from './read/read-source.ts'
import { createCodeScanner, type ScanCode } from './scan-code.ts'

/** CodeGuard with its parsers. @throws SallyportError SP_INTERNAL when a grammar file is missing or changed */
export const loadScanner = async (deps: ReadSourceDeps): Promise<ScanCode> =>
  createCodeScanner(await createReadSource(deps))

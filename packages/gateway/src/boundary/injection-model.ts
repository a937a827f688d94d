import { readFileSync } from 'node:fs'
import { readInjectionModel, type InjectionModel } from '@sallyport/core'

/** Beside `src` and `dist`, so that both find them. */
const WEIGHTS = new URL('../../weights/injection.bin', import.meta.url)

/** The weights that ship with the package. @throws Error when the installation is incomplete */
export const loadInjectionModel = (): InjectionModel => readInjectionModel(readFileSync(WEIGHTS))

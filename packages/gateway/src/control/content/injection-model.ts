import { readFileSync } from 'node:fs'
import { readInjectionModel, type InjectionModel } from '@sallyport/core'
import { WEIGHTS } from '../../places.ts'

/** The weights that ship with the package. @throws Error when the installation is incomplete */
export const loadInjectionModel = (): InjectionModel => readInjectionModel(readFileSync(WEIGHTS))

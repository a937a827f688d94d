import { createInjectionDetector, type InjectionDetector } from '@sallyport/core'
import { loadInjectionModel } from './injection-model.ts'

/** The injection detector, made when it is first needed: a start does not wait for weights. */
export function lazyDetector(): InjectionDetector {
  let made: InjectionDetector | undefined
  return { scan: (text, options) => (made ??= createInjectionDetector(loadInjectionModel())).scan(text, options) }
}

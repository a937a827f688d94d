import { noticeOf, opened, plainSignal } from '@sallyport/core'
import type { Clock, Random } from '../boundary/ports.ts'
import { wordsOf, type Sink } from './sink.ts'

/** Sends one notice that says that it is a test. @returns undefined when it was taken, else what went wrong */
export async function testSink(
  sink: Sink,
  deps: { readonly clock: Clock; readonly random: Random; readonly delivery: { readonly timeout: number } },
): Promise<string | undefined> {
  const now = deps.clock.now()
  const signal = plainSignal('alerts.test', 'low', 'This is a test of the alerts of Sallyport; nothing happened.')
  const alert = opened(deps.random.uuid(), '', signal, now)
  const signalOver = AbortSignal.timeout(deps.delivery.timeout)
  try {
    await Promise.race([
      sink.send(noticeOf(`${alert.id}.test`, 'test', alert, now), signalOver),
      new Promise<never>((_, reject) =>
        signalOver.addEventListener('abort', () => reject(signalOver.reason as Error), { once: true }),
      ),
    ])
    return undefined
  } catch (thrown) {
    return wordsOf(thrown)
  }
}

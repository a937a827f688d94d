import { atMost, option, pause, type Figure } from './surfaces-figure.ts'
import { openStage } from './surfaces-stage.ts'

const [PER_MINUTE, BURST] = [100, 20]
const [AT_ONCE, TOGETHER] = [10, 200]
const SECONDS = 60
const EVERY_MS = 100

/**
 * The default limit of a new gateway, over HTTP and by the clock: 200 requests ten at once, then more than is allowed for a minute.
 * The model is the token bucket of the specification: the burst, and what the minute brings.
 */
export async function limits(args: readonly string[]): Promise<readonly Figure[]> {
  const seconds = option(args, 'seconds', SECONDS)
  const stage = await openStage()
  try {
    let [admitted, asked, wrong] = [0, 0, 0]
    const ask = async (): Promise<void> => {
      const { status, headers } = await stage.page({ path: '/health' })
      asked++
      if (status === 200) admitted++
      else if (status !== 429 || !(Number(headers['retry-after']) >= 1)) wrong++
    }
    const started = performance.now()
    const model = (): number => BURST + ((performance.now() - started) / 60_000) * PER_MINUTE
    const workers = Array.from({ length: AT_ONCE }, async () => {
      for (let n = 0; n < TOGETHER / AT_ONCE; n++) await ask()
    })
    await Promise.all(workers)
    const burst = Math.abs(admitted - Math.floor(model()))
    while (performance.now() - started < seconds * 1000) {
      await Promise.all([ask(), pause(EVERY_MS)])
    }
    const off = (Math.abs(admitted - Math.floor(model())) / model()) * 100
    return [
      atMost(`${TOGETHER} requests, ${AT_ONCE} at once: admitted beside the model`, 'requests', burst, 1, TOGETHER),
      atMost(`admitted (${admitted}) beside the model (${Math.floor(model())}) over ${seconds} s`, '%', off, 5, asked),
      atMost('answers that are neither 200 nor 429 with Retry-After', 'requests', wrong, 0, asked),
    ]
  } finally {
    await stage.close()
  }
}

import type { NativeAnswer } from './event.ts'

/**
 * How the gateway hands an answer to the hook client, so that a shell can print it without reading JSON:
 * `0\n<stdout>` or `2\n<stderr>\n<stdout>`. Both texts are single lines. Anything else is no answer, hence a deny.
 */
export function frameAnswer(answer: NativeAnswer): string {
  const stdout = JSON.stringify(answer.stdout)
  return answer.exit === 0 ? `0\n${stdout}` : `2\n${answer.stderr}\n${stdout}`
}

/** The inverse, for the client in Node. Undefined when the text is not a frame. */
export function readFrame(text: string): { exit: 0 | 2; stdout: string; stderr: string } | undefined {
  const [code, first = '', second, ...more] = text.split('\n')
  if (code === '0' && first.startsWith('{') && second === undefined) return { exit: 0, stdout: first, stderr: '' }
  const denied = code === '2' && second?.startsWith('{') === true && more.length === 0
  return denied ? { exit: 2, stdout: second, stderr: first } : undefined
}

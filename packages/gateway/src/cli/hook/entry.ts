import { readFileSync } from 'node:fs'
import { request } from 'node:http'
import { pathToFileURL } from 'node:url'

import { readFrame } from '../../hosts/frame.ts'
import type { HookClient } from '../../hosts/hook-client.ts'

/**
 * The hook client for machines without curl: the same six steps as `hosts/script.ts`, with nothing imported but Node, so
 * that it starts as fast as Node does. `init` writes every argument as an absolute path; nothing is read from the
 * environment (T-039).
 */
export interface ClientAnswer {
  readonly exit: 0 | 2
  readonly stdout: string
  readonly stderr: string
}

/** Asks the gateway. Every failure is the prepared answer, never an exception. */
export async function askGateway(client: HookClient, payload: Uint8Array): Promise<ClientAnswer> {
  try {
    return readFrame(await send(client, payload)) ?? client.unreachable
  } catch {
    return client.unreachable
  }
}

function send(client: HookClient, payload: Uint8Array): Promise<string> {
  return new Promise((resolve, reject) => {
    const header = readFileSync(client.credential, 'utf8').trim()
    const at = header.indexOf(':')
    const headers = {
      host: 'sallyport',
      'content-type': 'application/json',
      'content-length': payload.byteLength,
      [header.slice(0, at)]: header.slice(at + 1).trim(),
    }
    const path = `/v1/hooks/${client.host}`
    const sent = request({ socketPath: client.socket, method: 'POST', path, headers }, (answer) => {
      const chunks: Buffer[] = []
      answer.on('data', (chunk: Buffer) => chunks.push(chunk))
      answer.on('error', reject)
      answer.on('end', () => {
        if (answer.statusCode === 200 && answer.complete) resolve(Buffer.concat(chunks).toString('utf8'))
        else reject(new Error('no answer'))
      })
    })
    const timer = setTimeout(() => sent.destroy(new Error('too late')), client.deadlineMs)
    sent.on('error', reject)
    sent.on('close', () => clearTimeout(timer))
    sent.end(payload)
  })
}

/** Reads standard input to its end, answers, and ends the process with the exit code of the answer. */
export async function runClient(of: NodeJS.Process, client: HookClient): Promise<void> {
  const chunks: Buffer[] = []
  for await (const chunk of of.stdin) chunks.push(chunk as Buffer)
  const answer = await askGateway(client, Buffer.concat(chunks))
  if (answer.stderr !== '') of.stderr.write(`${answer.stderr}\n`)
  of.exitCode = answer.exit
  of.stdout.write(`${answer.stdout}\n`)
}

/** Direct start by a host: `node entry.js CLIENT-FILE [observe]`, where the file holds `{gate, observe}` clients. */
async function direct(of: NodeJS.Process): Promise<void> {
  const [, , file = '', mode] = of.argv
  const clients = JSON.parse(readFileSync(file, 'utf8')) as Record<'gate' | 'observe', HookClient>
  await runClient(of, mode === 'observe' ? clients.observe : clients.gate)
}

if (process.argv[1] !== undefined && import.meta.url === pathToFileURL(process.argv[1]).href) {
  await direct(process).catch(() => {
    process.stderr.write('Sallyport denied this call: its hook client is damaged. Run `sallyport doctor`.\n')
    process.exitCode = 2
  })
}

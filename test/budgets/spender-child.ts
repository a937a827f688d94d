// Sets units aside and waits to be killed:  node spender-child.ts ORDER
import { readFileSync } from 'node:fs'
import type { Caller } from '../../packages/gateway/src/boundary/ports.ts'
import { spendingOf, sqliteIn } from './spending.ts'

interface Order {
  readonly directory: string
  readonly now: number
  readonly keys: { readonly mac: string; readonly checkpointKey: string; readonly origin: string }
  readonly config: unknown
}

const { directory, now, keys, config } = JSON.parse(readFileSync(process.argv[2] ?? '', 'utf8')) as Order
const clock = { now: () => now, monotonic: () => 0 }
const { mac, checkpointKey, origin } = keys
const store = await sqliteIn(
  directory,
  { mac: Buffer.from(mac, 'hex'), checkpointKey: Buffer.from(checkpointKey, 'hex'), origin },
  clock,
)
const { budgets } = spendingOf(config, store, clock)
const caller = { principal: { id: 'coder', instance: 'i-coder' } } as unknown as Caller
const call = { server: 'files', tool: 'read_file' } as never
const bills = await Promise.all(Array.from({ length: 9 }, async () => budgets.calls?.reserve(caller, call, 'a')))
for (const bill of bills) if (bill?.ok === true) bill.value.began()
process.stdout.write('set aside\n')
setInterval(() => undefined, 1_000)

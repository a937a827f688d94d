import { parentPort } from 'node:worker_threads'
import type { PolicyBundle, RegisteredTool, StoredRecord } from '@sallyport/core'
import { ToolRegistry } from '../../catalogue/registry.ts'
import { openCommandReader } from '../../content/command/reader.ts'
import { bundleOf } from '../bundle-of.ts'
import type { Prepared } from '../prepared.ts'
import type { ToolsNow } from '../recorded.ts'
import { compareRecords, type Compared } from './compare.ts'

/** First the two policies, then pages of the log. */
export type SimulateOrder =
  | {
      readonly live: Prepared
      readonly draft: Prepared
      readonly tools: readonly RegisteredTool[]
      readonly protectedPaths: readonly string[]
    }
  | { readonly records: readonly Pick<StoredRecord, 'body'>[] }
export type SimulateAnswer = Compared

const NOTHING: Compared = { calls: 0, left: 0, drifted: 0, changes: [] }
let stage: { readonly live: PolicyBundle; readonly draft: PolicyBundle; readonly tools: ToolsNow } | undefined

async function answerTo(order: SimulateOrder): Promise<Compared> {
  if ('records' in order) {
    if (stage === undefined) throw new Error('no policies were given')
    return compareRecords(order.records, stage.live, stage.draft, stage.tools)
  }
  const { live, draft, tools, protectedPaths } = order
  const registry = new ToolRegistry(await openCommandReader(() => performance.now()))
  const byId = new Map(tools.map((tool) => [tool.id, tool]))
  stage = {
    live: await bundleOf(live, tools, { name: 'live', protectedPaths }),
    draft: await bundleOf(draft, tools, { name: 'draft', protectedPaths }),
    tools: { find: (id) => byId.get(id), describe: registry.describe.bind(registry) },
  }
  return NOTHING
}

parentPort?.on('message', (order: SimulateOrder) => {
  void answerTo(order).then((answer) => parentPort?.postMessage(answer))
})

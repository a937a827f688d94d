import { mkdtempSync, mkdirSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import {
  actionModel,
  buildBundle,
  contextOf,
  type ActionModel,
  type ContextOverrides,
  type JsonObject,
  type LogRecord,
  type PolicyBundle,
  type PolicyRequest,
  type PolicySource,
  type RegisteredTool,
  type ToolAnnotation,
} from '@sallyport/core'
import type { EvidencePort } from '../../packages/gateway/src/boundary/ports.ts'
import { loadCedar, type Cedar } from '../../packages/gateway/src/control/policy/cedar.ts'
import type { Change, Document, Store } from '../../packages/gateway/src/store/ports.ts'

export const PRESETS = fileURLToPath(new URL('../../policies/', import.meta.url))

let engine: Promise<Cedar> | undefined
/** One engine per test process: it takes a while to load. */
export const cedarEngine = (): Promise<Cedar> => (engine ??= loadCedar())

export function tool(
  id: string,
  annotation: Partial<ToolAnnotation> = {},
  properties: JsonObject = {},
  required: readonly string[] = [],
): RegisteredTool {
  const dot = id.indexOf('.')
  return {
    id,
    server: id.slice(0, dot),
    name: id.slice(dot + 1),
    definition: { name: id.slice(dot + 1), inputSchema: { type: 'object', properties, required } },
    pin: 'pin',
    annotation: { effect: 'read', groups: [], args: {}, irreversible: false, persist: false, ...annotation },
    annotated: true,
    elevated: false,
  }
}

export function sourcesOf(cedar: Cedar, text: string, file = 'test.cedar'): readonly PolicySource[] {
  const parts = cedar.split(text)
  if (!parts.ok) throw new Error(parts.faults[0]?.message)
  return parts.value.map((part, index) => {
    const parsed = cedar.parse(part)
    if (!parsed.ok) throw new Error(parsed.faults[0]?.message)
    return { id: parsed.value.annotations?.['id'] ?? `p${index}`, est: parsed.value, text: part, file, line: index + 1 }
  })
}

export async function bundleOf(text: string, tools: readonly RegisteredTool[]): Promise<PolicyBundle> {
  const actions: readonly ActionModel[] = tools.map(actionModel)
  return buildBundle({ digest: 'd', version: 'v', policies: sourcesOf(await cedarEngine(), text), actions })
}

export function request(action: string, overrides: ContextOverrides = {}, principal = 'coder'): PolicyRequest {
  const server = action.slice(0, action.indexOf('.'))
  return {
    principal: { type: 'Agent', id: principal },
    action,
    resource: { type: 'Server', id: server },
    context: contextOf(overrides),
  }
}

/** Documents in memory: what the policy service uses of a store. */
export function memoryStore(): Store {
  const rows = new Map<string, Document>()
  const listeners = new Set<(change: Change) => void>()
  const log: { body: string; auditId: string }[] = []
  const store = {
    driver: 'sqlite',
    stream: 'test',
    get: async (kind: string, id: string) => rows.get(`${kind}/${id}`),
    list: async (kind: string, query: { state?: string; after?: string; limit?: number } = {}) =>
      [...rows.values()]
        .filter((row) => row.kind === kind && row.id > (query.after ?? '') && (query.state ?? row.state) === row.state)
        .sort((a, b) => (a.id < b.id ? -1 : 1))
        .slice(0, query.limit ?? 1000),
    put: async (row: Omit<Document, 'version' | 'updatedAt'>, expected: number) => {
      const key = `${row.kind}/${row.id}`
      if ((rows.get(key)?.version ?? 0) !== expected) return false
      rows.set(key, {
        ...row,
        body: JSON.parse(JSON.stringify(row.body)) as JsonObject,
        version: expected + 1,
        updatedAt: 0,
      })
      for (const listener of listeners) listener({ kind: row.kind, id: row.id })
      return true
    },
    remove: async (kind: string, id: string, expected: number) => {
      const key = `${kind}/${id}`
      return rows.get(key)?.version === expected && rows.delete(key)
    },
    append: async (batch: readonly { body: string; auditId: string }[]) => void log.push(...batch),
    readLog: async (query: { auditId?: string }) =>
      log.filter((row) => row.auditId === query.auditId).map((row, seq) => ({ ...row, seq })),
    watch: (listener: (change: Change) => void) => {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    onTampered: () => undefined,
    close: async () => undefined,
  }
  return store as unknown as Store
}

export function memoryEvidence(): EvidencePort & { readonly records: LogRecord[] } {
  const records: LogRecord[] = []
  return {
    records,
    append: async (batch) => void records.push(...batch),
    enqueue: (batch) => void records.push(...batch),
  }
}

export function folder(files: Readonly<Record<string, string>>): string {
  const root = mkdtempSync(join(tmpdir(), 'sallyport-policy-'))
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, name)), { recursive: true })
    writeFileSync(join(root, name), text)
  }
  return root
}

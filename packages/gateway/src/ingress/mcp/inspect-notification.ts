import { UNCLASSIFIED, wrapUntrusted, type RegisteredTool } from '@sallyport/core'
import type { FlowPort, InspectPort, RegistryPort } from '../../boundary/ports.ts'
import type { McpIngressDeps } from './ports.ts'

export interface NotificationInspectorDeps {
  readonly inspector: InspectPort
  readonly flow: Pick<FlowPort, 'begin' | 'settle'>
  readonly registry: RegistryPort
}

/** Its results have no label of their own, so they carry that of the server. */
const SERVER_CONTENT = 'mcp:resources/read'
/** Notifications whose text the server writes; the others name what the client has asked for. */
const CONTENT: ReadonlySet<string> = new Set(['notifications/message'])

/**
 * What a server sends unasked is content of the server like any result: without secrets and our own `_meta`, and the label
 * of the instance is durable before the client sees it (T-066, T-093). Rejects when either fails; then it is dropped.
 */
export function createNotificationInspector({
  inspector,
  flow,
  registry,
}: NotificationInspectorDeps): NonNullable<McpIngressDeps['inspectNotification']> {
  return async ({ principal: { instance } }, server, method, paramsText) => {
    const tool = contentOf(registry, server, method)
    const { resultText, suspicious } = inspector.inspect(tool, wrapUntrusted(paramsText, tool.id))
    if (!CONTENT.has(method)) return resultText
    flow.begin(instance, tool)
    await flow.settle(instance, tool, { text: resultText, hostile: suspicious })
    return resultText
  }
}

/** The notification as a tool of its server; untrusted when the registry does not say how far the server is trusted. */
function contentOf(registry: RegistryPort, server: string, method: string): RegisteredTool {
  const known = registry.resolve(server, SERVER_CONTENT)
  const { result } = known.ok ? known.value.annotation : UNCLASSIFIED
  const name = `mcp:${method}`
  return {
    id: `${server}.${name}`,
    server,
    name,
    definition: { name, inputSchema: {} },
    pin: '',
    annotation: result === undefined ? UNCLASSIFIED : { ...UNCLASSIFIED, result },
    annotated: false,
    elevated: false,
  }
}

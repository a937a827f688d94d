/** One way round the boundary that somebody might write: an edit of a real file, or a new one. */
export interface Planted {
  readonly what: string
  readonly file: string
  readonly rule: string
  readonly edit: (text: string) => string
}

const GATEWAY = 'packages/gateway/src/'
const BOUNDARY = '../boundary'

let files = 0

const made = (what: string, rule: string, room: string, ...lines: string[]): Planted => ({
  what,
  rule,
  file: `${GATEWAY}${room}/bypass-${++files}.ts`,
  edit: () => `${lines.join('\n')}\n`,
})

export const PLANTED: readonly Planted[] = [
  made(
    'an ingress makes its own context',
    'ControlContext',
    'ingress',
    `import { ControlContext, type ControlState } from '${BOUNDARY}/contexts.ts'`,
    'export const release = (state: ControlState) => new ControlContext(state)',
  ),
  made(
    'a context made under another name',
    'ControlContext',
    'control',
    `import { ControlContext as Plain, type ControlState } from '${BOUNDARY}/contexts.ts'`,
    'export const release = (state: ControlState) => new Plain(state)',
  ),
  made(
    'a context made through the module object',
    'ControlContext',
    'control',
    `import * as contexts from '${BOUNDARY}/contexts.ts'`,
    'export const release = (state: contexts.ControlState) => Reflect.construct(contexts.ControlContext, [state])',
  ),
  made(
    'a subclass of the context',
    'ControlContext',
    'execution',
    `import { ControlContext } from '${BOUNDARY}/contexts.ts'`,
    'export class Anything extends ControlContext {}',
  ),
  made(
    'the class leaves by a re-export',
    'ControlContext',
    'control',
    `export { ControlContext } from '${BOUNDARY}/contexts.ts'`,
  ),
  made(
    'a second crossing',
    'crossControlBoundary',
    'control',
    `import { crossControlBoundary } from '${BOUNDARY}/crossing.ts'`,
    'export const shortcut = crossControlBoundary',
  ),
  made(
    'an executor of somebody else',
    'createExecutor',
    'control',
    "import { createExecutor } from '../execution/executor.ts'",
    'export const own = createExecutor',
  ),
  made(
    'a handler of somebody else',
    'createUpstreamHandler',
    'control',
    "import { createUpstreamHandler } from '../execution/upstream/handler.ts'",
    'export const own = createUpstreamHandler',
  ),
  made(
    'a control service calls the executor',
    'ExecutorPort.execute',
    'control',
    `import type { ControlContext } from '${BOUNDARY}/contexts.ts'`,
    `import type { ExecutorPort } from '${BOUNDARY}/ports.ts'`,
    'export const again = (executor: ExecutorPort, control: ControlContext) => executor.execute(control)',
  ),
  made(
    'the executor taken apart',
    'ExecutorPort.execute',
    'control',
    `import type { ExecutorPort } from '${BOUNDARY}/ports.ts'`,
    'export const loose = ({ execute: go }: ExecutorPort) => go',
  ),
  made(
    'the executor in brackets',
    'ExecutorPort.execute',
    'control',
    `import type { CrossingPorts } from '${BOUNDARY}/crossing-ports.ts'`,
    "export const loose = (ports: CrossingPorts) => ports.executor['execute']",
  ),
  made(
    'a handler run without the executor',
    'Handler.run',
    'execution',
    "import type { ControlContext } from '../boundary/contexts.ts'",
    "import type { ExecutorDeps } from './executor.ts'",
    'export const straight = (deps: ExecutorDeps, control: ControlContext) => deps.upstream.run(control)',
  ),
  made(
    'a server called past the boundary',
    'Upstreams.call',
    'control',
    "import type { Upstreams } from '../execution/upstream/upstreams.ts'",
    "export const straight = (servers: Upstreams) => servers.call('files', 'c-1', 'tools/call', '{}')",
  ),
  made(
    'a server called through a narrowed type',
    'Upstreams.call',
    'control',
    "import type { Upstreams } from '../execution/upstream/upstreams.ts'",
    "export const straight = (servers: Pick<Upstreams, 'call'>) => servers.call('files', 'c-1', 'tools/call', '{}')",
  ),
  made(
    'a token from nowhere',
    'CapabilityPort.issue',
    'ingress',
    `import type { CapabilityPort } from '${BOUNDARY}/ports.ts'`,
    'export const mint = (port: CapabilityPort) => port.issue',
  ),
  made(
    'a token spent early',
    'CapabilityPort.redeem',
    'control',
    `import type { CapabilityPort } from '${BOUNDARY}/ports.ts'`,
    "export const spend = (port: CapabilityPort) => port.redeem('t', { aud: '', act: '', sid: '' })",
  ),
  made(
    'an approval spent early',
    'ApprovalPort.redeem',
    'control',
    `import type { ApprovalPort } from '${BOUNDARY}/ports.ts'`,
    "export const spend = ({ redeem }: Pick<ApprovalPort, 'redeem'>) => redeem",
  ),
  {
    what: 'an ingress port that fits Upstreams.call',
    rule: 'second name',
    file: `${GATEWAY}ingress/mcp/ports.ts`,
    edit: (text) =>
      text.replace(
        'export interface UpstreamPort {',
        'export interface UpstreamPort {\n  call(server: string, connection: string, method: string, paramsText: string): Promise<unknown>',
      ),
  },
  made(
    'a cast to the context',
    'cast',
    'control',
    `import type { ControlContext } from '${BOUNDARY}/contexts.ts'`,
    'export const forged = {} as unknown as ControlContext',
  ),
  {
    what: 'a cast to never where a context is expected',
    rule: 'cast',
    file: `${GATEWAY}boundary/crossing.ts`,
    edit: (text) => text.replace('ports.executor.execute(\n', 'ports.executor.execute({} as never) ?? (\n'),
  },
  made(
    'an ingress that knows execution',
    'wall',
    'ingress',
    "import { createCapability } from '../execution/capability.ts'",
    'void createCapability',
  ),
  made(
    'an ingress that imports lazily',
    'wall',
    'ingress',
    "export const later = () => import('../execution/executor.ts')",
  ),
  made(
    'the boundary knows an implementation',
    'wall',
    'boundary',
    "export type { Catalogue } from '../control/catalogue/catalogue.ts'",
  ),
  made(
    'an ingress that knows control',
    'wall',
    'hosts',
    "import { createContentGate } from '../control/content/gate.ts'",
    'void createContentGate',
  ),
  made(
    'a host adapter that names a control type',
    'control type',
    'hosts',
    `import type { EvidencePort } from '${BOUNDARY}/ports.ts'`,
    'export type Mine = EvidencePort',
  ),
]

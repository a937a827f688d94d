import type { PostureFinding } from '@sallyport/core'
import { valueAt } from '../../../../hosts/settings-text.ts'
import { wiredHost } from '../../../../hosts/table.ts'
import type { HostTable } from '../host-table.ts'
import type { OpenFile } from '../open-place.ts'
import { hooksOf } from './hooks.ts'

/** Whether anything of Sallyport stands between an agent and its tools (T-042, T-052). */
export function protectionFindings(
  host: HostTable,
  files: readonly OpenFile[],
  servers: { readonly wrapped: number; readonly open: number },
): readonly PostureFinding[] {
  const hooks = files
    .filter(({ place }) => place.scope !== 'project')
    .flatMap((file) => hooksOf(file).map((hook) => ({ ...hook, managed: file.place.scope === 'managed' })))
    .filter(({ ours }) => ours)
  const managedOnly = files.some(
    ({ place, settings }) => place.scope === 'managed' && valueAt(settings?.value, ['allowManagedHooksOnly']) === true,
  )
  const active = managedOnly ? hooks.filter(({ managed }) => managed) : hooks
  const say = (
    severity: PostureFinding['severity'],
    detail: string,
    remediation: string,
    id = 'hosts.unprotected',
  ): PostureFinding => ({
    id,
    severity,
    subject: host.title,
    detail,
    why: 'An agent that nothing asks for does what its model was talked into.',
    remediation,
  })
  if (host.wired === true) {
    const install = `Run \`sallyport init --import ${host.id}\`.`
    if (hooks.length > 0 && active.length === 0)
      return [
        say(
          'high',
          'Only hooks of the administrator run (allowManagedHooksOnly), and ours is not among them.',
          'Put the hook into the managed settings.',
        ),
      ]
    if (!active.some(({ gate, event }) => gate && event === 'PreToolUse'))
      return [say('high', 'It is installed, and no hook of Sallyport asks before its tools run.', install)]
    const missing = Object.keys(wiredHost(host.id).profile.events).filter(
      (event) => !active.some((hook) => hook.event === event),
    )
    return missing.length === 0
      ? []
      : [say('medium', `There is no hook of Sallyport for ${missing.join(', ')}.`, install, 'hosts.hook_fails_open')]
  }
  if (!host.ownTools)
    return servers.open > 0 && servers.wrapped === 0
      ? [say('high', 'It is installed, and none of its MCP servers goes through the gateway.', 'Run `sallyport init`.')]
      : []
  return servers.wrapped > 0
    ? [
        say(
          'info',
          'Its MCP servers go through the gateway; its own tools do not.',
          `Start it with \`sallyport run\`, which confines it.`,
        ),
      ]
    : [
        say(
          'medium',
          'It is installed, and nothing of Sallyport stands before its tools.',
          'Start it with `sallyport run`, and wrap its MCP servers with `sallyport init`.',
        ),
      ]
}

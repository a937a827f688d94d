import { check, foundOr, type Found } from '../check.ts'
import { acceptance } from '../acceptance.ts'
import { counted, listed } from '../words.ts'

const DAY = 86_400_000
/** A log that is shorter than this cannot show what began before somebody looked, days. */
const KEPT = 30
const YEAR = 365 * DAY

/** Presets of credentials for models, which are paid for by the token. */
const MODELS: ReadonlySet<string> = new Set(['anthropic', 'gemini', 'openai'])

/** What a gateway says of its log in its own check of itself. */
const LOG_TROUBLE: ReadonlySet<string> = new Set(['log.changed', 'log.unwritten'])

export const MONITORING_CHECKS = [
  check({
    ...{
      id: 'monitoring.tool_log',
      category: 'monitoring',
      severities: ['critical', 'medium', 'low'],
      requirements: ['HB-132'],
    },
    title: 'Every call is recorded with time, who and arguments, or it does not run.',
    why: 'What was not recorded cannot be found out later, and a missing record hides an attack.',
    remediation: 'Set audit.onWriteFailure: block, and audit.retention to 30d or more.',
    needs: ['config'],
    run({ config: { config, file } }, { gateway }) {
      const place = file === undefined ? {} : { file }
      const { onWriteFailure, retention } = config.audit
      const found: Found[] = []
      if (onWriteFailure !== 'block')
        found.push({
          ...{
            severity: onWriteFailure === 'continue' ? 'critical' : 'medium',
            subject: 'audit.onWriteFailure',
            ...place,
          },
          detail: `${
            onWriteFailure === 'continue'
              ? 'Calls run when they cannot be recorded.'
              : 'Calls of low risk run when they cannot be recorded.'
          }${acceptance(config, 'audit.onWriteFailure')}`,
          ...(file === undefined
            ? {}
            : { fix: { kind: 'set', file, at: ['audit', 'onWriteFailure'], value: 'block' } }),
        })
      if (retention < YEAR)
        found.push({
          ...{ severity: retention < KEPT * DAY ? 'medium' : 'low', subject: 'audit.retention', ...place },
          detail: `Records are kept for ${counted(Math.floor(retention / DAY), 'day')}.`,
          ...(file === undefined ? {} : { fix: { kind: 'set', file, at: ['audit', 'retention'], value: '365d' } }),
        })
      for (const { id, title, why } of gateway.state === 'known' ? gateway.value.health : [])
        if (LOG_TROUBLE.has(id)) found.push({ severity: 'critical', subject: id, detail: `${title}. ${why}` })
      return foundOr(found, 'A call that cannot be recorded is denied')
    },
  }),
  check({
    ...{ id: 'monitoring.skill_failures', category: 'monitoring', severities: ['medium'], requirements: ['HB-133'] },
    title: 'Calls that fail or are denied raise alerts, and somebody hears of them.',
    why: 'Somebody who tries one thing after another is not noticed until something works.',
    remediation: 'Set alerts.onDeny: true, and look at `sallyport alerts ls --sinks`.',
    needs: ['config'],
    run({ config: { config, file } }, { gateway }) {
      const found: Found[] = []
      if (!config.alerts.onDeny)
        found.push({
          ...{
            severity: 'medium',
            subject: 'alerts.onDeny',
            detail: `A denied call raises no alert.${acceptance(config, 'alerts.onDeny')}`,
          },
          ...(file === undefined ? {} : { file, fix: { kind: 'set', file, at: ['alerts', 'onDeny'], value: true } }),
        })
      for (const { id, title, why } of gateway.state === 'known' ? gateway.value.health : [])
        if (id.startsWith('alerts.sink.')) found.push({ severity: 'medium', subject: id, detail: `${title}. ${why}` })
      return foundOr(found, 'Denied and failed calls raise alerts')
    },
  }),
  check({
    ...{ id: 'monitoring.no_sink', category: 'monitoring', severities: ['info'], requirements: ['SEC-5.2'] },
    title: 'Alerts are told outside of the gateway.',
    why: 'Alerts that stay in the console are seen by whoever opens it.',
    remediation: 'Name a sink under alerts.sinks (docs/guides/alerts.md).',
    needs: ['config'],
    run: ({ config: { config } }) => {
      const sinks = Object.keys(config.alerts.sinks)
      return foundOr(
        sinks.length > 0
          ? []
          : [{ severity: 'info', subject: 'alerts.sinks', detail: 'Alerts go to the log and the console alone.' }],
        listed(sinks),
      )
    },
  }),
  check({
    ...{ id: 'monitoring.drift', category: 'monitoring', severities: ['high', 'low'], requirements: ['HB-134'] },
    title: 'Changes of tools and skills are noticed, and somebody has looked at them.',
    why: 'A tool that was reviewed and then changed is a tool that nobody has reviewed.',
    remediation: 'sallyport mcp diff; accept the change or remove the server.',
    needs: ['config'],
    run({ config: { config, file } }, { gateway, skills }) {
      const found: Found[] = []
      if (!config.security.monitoring.enabled)
        found.push({
          ...{ severity: 'low', subject: 'security.monitoring.enabled' },
          detail: 'The gateway does not audit itself while it runs.',
          ...(file === undefined
            ? {}
            : { file, fix: { kind: 'set', file, at: ['security', 'monitoring', 'enabled'], value: true } }),
        })
      const drifted = gateway.state === 'known' ? gateway.value.tools.filter(({ state }) => state === 'drifted') : []
      for (const { id } of drifted)
        found.push({
          severity: 'low',
          subject: id,
          detail: 'It changed after it was pinned; its calls are denied until somebody looks.',
        })
      for (const { name, drifted: is, state } of skills.state === 'known' ? skills.value : [])
        if (is && state !== 'disabled')
          found.push({
            severity: 'high',
            subject: name,
            detail: 'This skill changed after its review and is still on.',
          })
      return foundOr(found, 'Tools and skills are what was reviewed')
    },
  }),
  check({
    ...{
      id: 'monitoring.spend_budget',
      category: 'monitoring',
      severities: ['medium', 'info'],
      requirements: ['HB-135'],
    },
    title: 'What agents spend is counted, and calls end where a budget does.',
    why: 'A loop, or somebody who found a key, spends until the account is empty.',
    remediation: 'Set a budget for each cycle with the hosts of the model under `models` (docs/guides/budgets.md).',
    needs: ['config'],
    run: ({ config: { config, file } }) => {
      const place = file === undefined ? {} : { file }
      const paid = Object.entries(config.credentials).filter(([, { preset = '' }]) => MODELS.has(preset))
      const counts = config.budgets.some(({ models }) => models.length > 0)
      if (config.budgets.length === 0 && paid.length === 0)
        return foundOr(
          [{ severity: 'info', subject: 'budgets', detail: 'Nothing that agents do has a budget.', ...place }],
          '',
        )
      return foundOr(
        counts
          ? []
          : paid.map(([name, { preset }]): Found => ({
              ...{ severity: 'medium', subject: `credentials.${name}`, ...place },
              detail: `It pays for ${preset ?? 'a model'}, and no budget counts its tokens.`,
            })),
        `${counted(config.budgets.length, 'budget')}; a call that would go over one is denied`,
      )
    },
  }),
  check({
    ...{ id: 'monitoring.unreviewed', category: 'monitoring', severities: ['low', 'info'], requirements: ['HB-146'] },
    title: 'Somebody reads the log and closes alerts.',
    why: 'What nobody reads, nobody notices.',
    remediation: 'sallyport log query --decision denied; sallyport alerts ls',
    needs: ['gateway'],
    run: ({ gateway: { health } }) =>
      foundOr(
        health
          .filter(({ id }) => ['log.unreviewed', 'alerts.critical', 'alerts.high', 'people.attention'].includes(id))
          .map(({ id, severity, title, why }): Found => ({
            ...{ severity: severity === 'info' ? 'info' : 'low', subject: id, detail: `${title}. ${why}` },
          })),
        'The log is read, and grave alerts are closed',
      ),
  }),
]

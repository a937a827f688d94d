import { join, relative } from 'node:path'
import { isJsonObject } from '@sallyport/core'
import { hooksOf } from '../../posture/hosts/checks/hooks.ts'
import { overridesOf, ruleFindings } from '../../posture/hosts/checks/settings.ts'
import { secretFindings } from '../../posture/hosts/checks/secrets.ts'
import { openPlace, type OpenFile } from '../../posture/hosts/open-place.ts'
import { HOST_TABLES } from '../../posture/hosts/table/all.ts'
import { readEntry } from '../../../hosts/server-entry.ts'
import { valuesAt } from '../../../hosts/settings-text.ts'
import { scanConfig } from '../../scan/mcp/config.ts'
import type { Bench } from '../bench.ts'
import { shown } from '../shown.ts'
import { worst } from '../started.ts'

/** Files whose folder is one that an agent may be opened in. */
export const AGENT_FILE =
  /(?:^|\/)(?:\.claude\/settings(?:\.local)?\.json|\.mcp\.json|\.cursor\/(?:hooks|mcp|permissions|cli|sandbox)\.json|\.vscode\/(?:settings|mcp)\.json|\.codex\/(?:config\.toml|hooks\.json)|\.gemini\/settings\.json|\.windsurf\/hooks\.json|\.github\/hooks\/[^/]+\.json)$/

/** The folder of the project that such a file belongs to. */
export const projectOf = (path: string): string => {
  const cut = path.replace(/(?:^|\/)(?:\.mcp\.json|\.(?:claude|cursor|vscode|codex|gemini|windsurf|github)\/.*)$/, '')
  return cut === path ? '' : cut
}

/** What agents run and load when they are opened in a folder: hooks, servers and settings (T-041). */
export async function readAgents(project: string, on: Bench): Promise<void> {
  const ground = { home: '/', project: join(on.root, project), platform: 'linux', environment: {}, root: '' } as const
  for (const host of HOST_TABLES)
    for (const place of host.places(ground).filter(({ scope }) => scope === 'project')) {
      const file = relative(on.root, place.path)
      // what is a link, or cannot be read, is said here
      if (place.every === undefined && (await on.read(file)) === undefined) continue
      for (const open of await openPlace(host, place, on.files))
        if ('host' in open) await agentFile(open, relative(on.root, open.file.path), on)
        else
          on.row({
            kind: 'unreadable',
            when: `${host.title} starts`,
            what: open.detail,
            file: relative(on.root, open.file ?? place.path),
            severity: 'high',
          })
    }
}

async function agentFile(open: OpenFile, file: string, on: Bench): Promise<void> {
  const { host, place, settings } = open
  for (const hook of hooksOf(open))
    await on.command({
      kind: 'hook',
      when: `${host.title}: ${EVENTS[hook.event] ?? hook.event}`,
      what: hook.command,
      command: hook.command,
      file,
      line: settings?.lineOf(hook.path) ?? 1,
      severity: 'medium',
    })
  for (const pattern of place.servers ?? [])
    for (const { path, value } of valuesAt(settings?.value, [...pattern, '*'])) {
      const entry = readEntry(path, value)
      const launch = entry?.url ?? [entry?.command ?? '', ...(entry?.args ?? [])].join(' ')
      const line = settings?.lineOf(path) ?? 1
      const row = {
        kind: 'server',
        when: `${host.title} starts`,
        what: `${String(path.at(-1))}: ${launch}`,
        file,
        line,
      } as const
      const found = scanConfig(file, open.file.text ?? '', on.deps).filter(({ evidence }) =>
        evidence.startsWith(`${String(path.at(-1))}: `),
      )
      if (entry?.command === undefined)
        on.row({ ...row, severity: worst('medium', ...found.map(({ severity }) => severity)) })
      else
        await on.command({
          ...row,
          command: launch,
          severity: worst('medium', ...found.map(({ severity }) => severity)),
        })
    }
  if ((place.servers ?? []).length > 0)
    for (const finding of scanConfig(file, open.file.text ?? '', on.deps)) on.finding(finding)
  const rules = ruleFindings(open)
  for (const { id, severity, subject, detail, line = 1, why = '', remediation } of [
    ...rules,
    ...secretFindings(open, 'win32'),
  ])
    on.finding({ id, severity, title: detail, file, line, column: 1, evidence: subject, why, fix: remediation })
  const when = `${host.title} starts`
  const ruled = new Set(rules.map(({ line }) => line))
  for (const { line = 1, severity, detail } of rules)
    on.row({ kind: 'setting', when, what: detail, file, line, severity })
  for (const { path, value, severity } of overridesOf(open)) {
    const line = settings?.lineOf(path) ?? 1
    const what = `${path.join('.')}: ${shown(value)}`
    if (COMMANDS.test(String(path.at(-1))))
      await on.command({ kind: 'setting', when, what, command: shown(value), file, line, severity: 'medium' })
    else if (!ruled.has(line))
      on.row({ kind: 'setting', when, what, file, line, severity: isJsonObject(value) ? 'medium' : severity })
  }
}

const COMMANDS = /(?:Helper|Refresh|Export|[cC]ommand|^notify)$/

const EVENTS: Readonly<Record<string, string>> = {
  SessionStart: 'a session starts',
  sessionStart: 'a session starts',
  SessionEnd: 'a session ends',
  PreToolUse: 'before every tool',
  preToolUse: 'before every tool',
  BeforeTool: 'before every tool',
  PostToolUse: 'after every tool',
  postToolUse: 'after every tool',
  AfterTool: 'after every tool',
  UserPromptSubmit: 'at every prompt',
  userPromptSubmitted: 'at every prompt',
  beforeSubmitPrompt: 'at every prompt',
  Stop: 'the agent stops',
  afterFileEdit: 'after every edit',
}

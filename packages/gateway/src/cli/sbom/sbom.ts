import { basename, resolve } from 'node:path'
import { SallyportError } from '@sallyport/core'
import { escapeText } from '@sallyport/core/approval/escape'
import type { Component } from '../../assurance/sbom/component.ts'
import { purlOf } from '../../assurance/sbom/purl.ts'
import { sbomOf } from '../../assurance/sbom/sbom.ts'
import { VERSION } from '../../version.ts'
import type { CommandRun } from '../command.ts'
import { formatTable } from '../output.ts'
import { inventoryAt } from './inventory.ts'

/** `sbom [PATH]`: 0 all of it listed · 2 usage or configuration · 3 something could not be listed, and is named. */
export const run: CommandRun = async (io, [path = '.'], { format = io.json ? 'json' : 'table' }) => {
  if (format !== 'table' && format !== 'json' && format !== 'cyclonedx')
    throw new SallyportError('SP_CLI_USAGE', '`--format` is table, json or cyclonedx.')
  const inventory = await inventoryAt(io, path)
  if (format === 'json') io.out(JSON.stringify(inventory))
  else if (format === 'cyclonedx')
    io.out(JSON.stringify(sbomOf(inventory, basename(resolve(io.cwd, path)), VERSION), null, 2))
  else if (inventory.components.length === 0) io.out('Nothing to list.')
  else io.out(formatTable(['KIND', 'NAME', 'VERSION', 'DETAIL', 'FROM'], inventory.components.map(rowOf)))
  for (const note of inventory.notes) io.err(`not listed: ${escapeText(note.path)}: ${escapeText(note.message)}`)
  return inventory.notes.length === 0 ? 0 : 3
}

function rowOf(one: Component): readonly string[] {
  const version = one.kind === 'package' || one.kind === 'skill' ? (one.version ?? '') : ''
  return [one.kind, one.name, version, detailOf(one), one.from.join(', ')]
}

function detailOf(one: Component): string {
  if (one.kind === 'package') return purlOf(one.ecosystem, one.name, one.version)
  if (one.kind === 'server')
    return `${one.transport} ${one.target}${one.pinned === undefined ? '' : `, ${one.pinned} definitions pinned`}`
  return one.kind === 'credential' ? '' : (one.hashes[0]?.hex.slice(0, 16) ?? '')
}

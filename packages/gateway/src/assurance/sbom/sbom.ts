import { escapeText } from '@sallyport/core/approval/escape'
import type { Component, Hash, Inventory } from './component.ts'
import { purlOf } from './purl.ts'

/**
 * A bill of materials in CycloneDX 1.6 (HB-2, SYS-14). It has no serial number and no time: the same inventory gives the
 * same bytes. What could not be listed makes it `incomplete`.
 */
export function sbomOf({ components, notes }: Inventory, subject: string, version: string): object {
  const listed = components.filter((one) => one.kind !== 'server')
  const servers = components.filter((one) => one.kind === 'server')
  return {
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    version: 1,
    metadata: {
      tools: { components: [{ type: 'application', name: 'sallyport', version }] },
      component: { type: 'application', 'bom-ref': 'subject', name: escapeText(subject) },
      ...(notes.length > 0 && { properties: notes.map(noteOf) }),
    },
    components: listed.map((one, i) => ({ 'bom-ref': `c${i + 1}`, ...bodyOf(one), properties: placesOf(one) })),
    services: servers.map((one, i) => ({
      'bom-ref': `s${i + 1}`,
      name: escapeText(one.name),
      properties: [
        { name: 'sallyport:transport', value: one.transport },
        { name: 'sallyport:target', value: escapeText(one.target) },
        ...(one.pinned === undefined ? [] : [{ name: 'sallyport:pinned', value: String(one.pinned) }]),
        ...placesOf(one),
      ],
    })),
    compositions: [{ aggregate: notes.length === 0 ? 'complete' : 'incomplete', assemblies: ['subject'] }],
  }
}

const noteOf = ({ path, message }: Inventory['notes'][number]) => ({
  name: 'sallyport:not-listed',
  value: `${escapeText(path)}: ${escapeText(message)}`,
})

function bodyOf(one: Exclude<Component, { kind: 'server' }>): object {
  const name = escapeText(one.name)
  switch (one.kind) {
    case 'package':
      return {
        ...{
          type: 'library',
          name,
          version: escapeText(one.version),
          scope: one.development ? 'excluded' : 'required',
        },
        purl: purlOf(one.ecosystem, one.name, one.version),
        ...hashesOf(one.hashes),
      }
    case 'skill':
      return {
        ...{ type: 'application', name },
        ...(one.version !== undefined && { version: escapeText(one.version) }),
        ...hashesOf(one.hashes),
      }
    case 'model':
      return { type: 'machine-learning-model', name, ...hashesOf(one.hashes) }
    case 'credential':
      return {
        ...{ type: 'cryptographic-asset', name },
        cryptoProperties: {
          assetType: 'related-crypto-material',
          relatedCryptoMaterialProperties: { type: 'credential' },
        },
      }
  }
}

const hashesOf = (hashes: readonly Hash[]): object =>
  hashes.length === 0 ? {} : { hashes: hashes.map(({ algorithm, hex }) => ({ alg: algorithm, content: hex })) }

const placesOf = (one: Component): readonly object[] => [
  { name: 'sallyport:kind', value: one.kind },
  ...(one.kind === 'package' && one.sum !== undefined
    ? [{ name: 'sallyport:go-sum', value: escapeText(one.sum) }]
    : []),
  ...one.from.map((path) => ({ name: 'sallyport:from', value: escapeText(path) })),
]

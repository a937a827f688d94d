import { embeddedSign } from './embedded.ts'
import { hostIn, isMetadataHost, urlsIn } from './hosts.ts'
import { report, useRead, type Scene } from './scene.ts'
import { literalValue, type Value } from './words.ts'

/** Notes the hosts a word names, and what reaching them means by itself. */
export function visitHost(text: string, scene: Scene): void {
  for (const { url, host, scheme } of urlsIn(text)) {
    scene.facts.url(url)
    scene.facts.host(host)
    if (isMetadataHost(host)) report(scene, 'read.metadata-service', url)
    if (/^(?:gopher|dict|ldaps?|smb|telnet|tftp|jar|netdoc|ext|fd|transport)$/.test(scheme))
      report(scene, 'exec.escape', url)
    if (scheme === 'file') useRead(scene, literalValue(url))
  }
  if (/^file:\//i.test(text)) useRead(scene, literalValue(text.replace(/^file:\/+/i, '/')))
  if (text.startsWith('-')) return
  const host = hostIn(text)
  if (host === undefined) return
  scene.facts.host(host)
  if (isMetadataHost(host)) report(scene, 'read.metadata-service', text)
}

export function metadataIn(text: string, scene: Scene): void {
  if (/169\.254|metadata/.test(text)) visitHost(text, scene)
}

/** A word nobody described: judged by its looks. */
export function lookAt(value: Value, scene: Scene, code: boolean): void {
  const { text } = value
  if (code) {
    const sign = embeddedSign(text)
    if (sign !== undefined && !(sign === 'substitution' && value.scripts.length > 0))
      report(scene, sign === 'socket' ? 'network.reverse-shell' : 'exec.escape', text)
  }
  for (const { url, host } of urlsIn(text)) {
    scene.facts.url(url)
    scene.facts.host(host)
    if (isMetadataHost(host)) report(scene, 'read.metadata-service', url)
  }
  metadataIn(text, scene)
  if (/\s/.test(text) && text.length > 300) return
  for (const piece of text.split(/[=,@:;\s]+/)) {
    const path = piece.replace(/^['"(<]+|['")>]+$/g, '')
    if (/[/~.]/.test(path) && path.length > 3) useRead(scene, { ...value, text: path, process: undefined })
  }
}

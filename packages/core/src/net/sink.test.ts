import { describe, expect, it } from 'vitest'
import { SHARED_SERVICES } from './services.ts'
import { sinkIdentity, type SinkIdentity } from './sink.ts'
import { readUrl } from './url.ts'
import { urlFacts } from './url-facts.ts'

function sink(text: string): SinkIdentity {
  const reading = readUrl(text)
  if (reading.kind === 'refused') throw new Error(`refused: ${text}`)
  return sinkIdentity(reading.url)
}

/** URL, id, basis. */
const CASES: readonly (readonly [string, string, string])[] = [
  ['https://hooks.slack.com/services/T0A/B1/x', 'https://hooks.slack.com/T0A', 'service'],
  ['https://hooks.slack.com//services//T0A/B1', 'https://hooks.slack.com/T0A', 'service'],
  ['https://hooks.slack.com/services/%540A/B1', 'https://hooks.slack.com/T0A', 'service'],
  ['https://hooks.slack.com/x/../services/T0B/B1', 'https://hooks.slack.com/T0B', 'service'],
  ['https://hooks.slack.com/other', 'https://hooks.slack.com/other', 'path'],
  ['https://discord.com/api/webhooks/12/tok', 'https://discord.com/12', 'service'],
  ['https://discord.com/api/v10/webhooks/12/tok', 'https://discord.com/12', 'service'],
  ['https://api.telegram.org/bot1:Ab/sendMessage', 'https://api.telegram.org/bot1:Ab', 'service'],
  ['https://webhook.site/3F2A', 'https://webhook.site/3f2a', 'service'],
  ['https://hooks.zapier.com/hooks/catch/77/a', 'https://hooks.zapier.com/77', 'service'],
  ['https://maker.ifttt.com/trigger/x/with/key/K1', 'https://maker.ifttt.com/K1', 'service'],
  ['https://chat.googleapis.com/v1/spaces/AA/messages', 'https://chat.googleapis.com/AA', 'service'],
  ['https://storage.googleapis.com/b1/o', 'https://storage.googleapis.com/b1', 'service'],
  ['https://storage.googleapis.com/upload/storage/v1/b/b1/o', 'https://storage.googleapis.com/b1', 'service'],
  ['https://s3.amazonaws.com/b1/k', 'https://s3.amazonaws.com/b1', 'service'],
  ['https://s3.eu-central-1.amazonaws.com/b1/k', 'https://s3.eu-central-1.amazonaws.com/b1', 'service'],
  ['https://s3-eu-west-1.amazonaws.com/b1/k', 'https://s3-eu-west-1.amazonaws.com/b1', 'service'],
  ['https://sqs.eu-west-1.amazonaws.com/123456789012/q', 'https://sqs.eu-west-1.amazonaws.com/123456789012', 'service'],
  ['https://acct.blob.core.windows.net/c1/x', 'https://acct.blob.core.windows.net/c1', 'service'],
  ['https://github.com/Corp/Site/issues', 'https://github.com/corp/site', 'service'],
  ['https://github.com/orgs/corp/x', 'https://github.com/corp', 'service'],
  ['https://api.github.com/repos/corp/site/issues', 'https://api.github.com/corp/site', 'service'],
  ['https://raw.githubusercontent.com/corp/site/main/a', 'https://raw.githubusercontent.com/corp/site', 'service'],
  ['https://gist.github.com/ana/ab12', 'https://gist.github.com/ana', 'service'],
  ['https://api.github.com/gists', 'https://api.github.com/gists', 'path'],
  ['https://gitlab.com/api/v4/projects/9/issues', 'https://gitlab.com/9', 'service'],
  ['https://pastebin.com/raw/Ab', 'https://pastebin.com/Ab', 'service'],
  ['https://docs.google.com/forms/d/e/1F/formResponse', 'https://docs.google.com/1F', 'service'],
  ['https://docs.google.com/spreadsheets/d/1S/edit', 'https://docs.google.com/1S', 'service'],
  ['https://drive.google.com/open?id=1D', 'https://drive.google.com/1D', 'service'],
  ['https://script.google.com/macros/s/AK/exec', 'https://script.google.com/AK', 'service'],
  ['https://bit.ly/3x', 'https://bit.ly/3x', 'service'],
  ['https://api.openai.com/v1/files', 'https://api.openai.com/', 'credential'],
  ['https://slack.com/api/chat.postMessage', 'https://slack.com/', 'credential'],
  ['https://hooks.example.com/acme/x', 'https://hooks.example.com/acme', 'guess'],
  ['https://corp.example/u/@ana/x', 'https://corp.example/u/@ana', 'guess'],
  ['https://corp.example/in/3f2a9b1c4d5e/x', 'https://corp.example/in/3f2a9b1c4d5e', 'guess'],
  ['https://corp.example/docs/readme', 'https://corp.example/', 'host'],
  ['https://corp.example:8443/', 'https://corp.example:8443/', 'host'],
  ['http://corp.example/', 'http://corp.example/', 'host'],
  ['https://[2606:4700::1111]/', 'https://[2606:4700::1111]/', 'host'],
]

describe('T-101: who a URL reaches', () => {
  it.each(CASES)('%s is %s (%s)', (url, id, basis) => {
    expect(sink(url)).toMatchObject({ id, basis })
  })
  it('T-101: two workspaces on one host are two sinks', () => {
    expect(sink('https://hooks.slack.com/services/T1/B/x').id).not.toBe(
      sink('https://hooks.slack.com/services/T2/B/x').id,
    )
  })
  it('T-119: shared hosting is registered by tenant', () => {
    expect(
      ['ana.github.io', 'x.ana.github.io', 'b.s3.amazonaws.com', 'corp.co.uk', 'a.workers.dev'].map(
        (host) => sink(`https://${host}/`).domain,
      ),
    ).toEqual(['ana.github.io', 'ana.github.io', 'b.s3.amazonaws.com', 'corp.co.uk', 'a.workers.dev'])
  })
  it('says where anybody may upload', () => {
    expect([sink('https://0x0.st/').anonymous, sink('https://github.com/a/b').anonymous]).toEqual([true, undefined])
  })
  it('names every host in lower case and every path from the root', () => {
    for (const { hosts, paths, service } of SHARED_SERVICES) {
      for (const host of hosts) expect(host, service).toMatch(/^\.?[a-z0-9-]+(?:\.[a-z0-9-]+)+$/)
      for (const path of paths) expect(path, service).toMatch(/^\/\S*$/)
    }
  })
})

describe('facts of a URL', () => {
  it('has host, domain, port, class and scripts', () => {
    expect(urlFacts('https://mail.Corp.co.uk./x')).toMatchObject({
      kind: 'url',
      scheme: 'https',
      host: 'mail.corp.co.uk',
      domain: 'corp.co.uk',
      port: 443,
      name: 'ordinary',
      scripts: { idn: false, mixed: false, readsAscii: false },
    })
    expect(urlFacts('http://10.0.0.1/')).toMatchObject({ name: 'address', address: { class: 'private' } })
    expect(urlFacts('http://a.internal/')).toMatchObject({ name: 'private' })
    for (const url of ['ldap://dir.corp.com:389/x', 'ldap://dir.corp.com/x']) {
      expect(urlFacts(url)).toMatchObject({ port: 389, sink: { id: 'ldap://dir.corp.com/' } })
    }
    expect(urlFacts('http://me@corp.com/')).toMatchObject({ kind: 'refused', refused: { fault: 'userinfo' } })
  })
  it.each([
    ['xn--pypal-4ve.com', 'pаypal.com', { idn: true, mixed: true, readsAscii: true }],
    ['xn--80ak6aa92e.com', 'аррӏе.com', { idn: true, mixed: false, readsAscii: true }],
    ['xn--bcher-kva.example', 'bücher.example', { idn: true, mixed: false, readsAscii: true }],
    ['xn--r8jz45g.example', '例え.example', { idn: true, mixed: false, readsAscii: false }],
    ['xn--test-p63b5j.example', '例えtest.example', { idn: true, mixed: false, readsAscii: false }],
  ])('T-101: %s is shown as %s', (_, unicode, scripts) => {
    expect(urlFacts(`https://${unicode}/`)).toMatchObject({ shown: unicode, scripts })
  })
})

import { describe, expect, it } from 'vitest'
import { sameDestination } from './destination.ts'
import { looksLike } from './looks-like.ts'

/** Known destination, how the others pass for it, and the others. */
const ALIKE = `
corp.com | homoglyph | соrp.com cоrp.com corр.com cоrр.com
paypal.com | homoglyph | pаypal.com раураl.com xn--pypal-4ve.com pаурal.com paypaĺ.com
apple.com | homoglyph | аpple.com xn--80ak6aa92e.com applе.com ąpple.com àpple.com
github.com | homoglyph | gіthub.com gitһub.com ɡithub.com githúb.com gіtһub.com
microsoft.com | homoglyph | mіcrosoft.com micrоsoft.com microѕoft.com mícrosoft.com
example-bank.de | homoglyph | ехample-bank.de examplе-bank.de example-bаnk.de
paypal.com | digits | paypa1.com paypaI.net payp4l.com p4yp4l.com
google.com | digits | g00gle.com goog1e.com go0gle.com g0og1e.com googIe.org
microsoft.com | digits | rnicrosoft.com micr0soft.com micros0ft.com microsof7.com mlcrosoft.com
amazon.com | digits | arnazon.com amaz0n.com 4mazon.com arnaz0n.com
wellsfargo.com | digits | vvellsfargo.com we11sfargo.com wel1sfargo.com wellsfarg0.com
cloudflare.com | digits | c1oudflare.com doudflare.com cloudf1are.com cl0udflare.com
stripe.com | digits | str1pe.com 5tripe.com strlpe.com
zendesk.com | digits | 2endesk.com zende5k.com z3ndesk.com
zendesk.com | typo | zendesl.com zndesk.com zendeks.com
corp-bank.com | hyphen | corpbank.com c-orpbank.com corp-b-ank.com
globalpay.com | hyphen | global-pay.com glo-balpay.com globalp-ay.net
northwind.com | ending | northwind.co northwind.net northwind.org northwind.io northwind.cm northwind.com.co northwind.app
acme.io | ending | acme.com acme.dev acme.co acme.ai acme.xyz
corp.co.uk | ending | corp.uk corp.com corp.org.uk corp.co
github.com | ending | github.co github.org github.net
google.com | typo | gogle.com gooogle.com googel.com googke.com goolge.com
microsoft.com | typo | micosoft.com microsofft.com mircosoft.com microsogt.com icrosoft.com
northwind.com | typo | nothwind.com northwimd.com norhtwind.com northwinds.com northwnd.com
stripe.com | typo | stirpe.com strip.com stripes.com stripr.com striipe.com
globex.com | typo | gloebx.com globx.com globexx.com glpbex.com
acme.io | typo | amce.io accme.io
ibm.com | typo | ibbm.com ibmm.com
ibm.com | brand | ibm-login.com support-ibm.com ibm.com.evil.io
corp.com | brand | corp.com.evil.io corp.evil.io corp-login.com login-corp.com mail.corp.evil.io corp-security.net secure-corp.org
paypal.com | brand | paypal.com.secure-login.io paypal-support.com www.paypal.com.evil.com paypalsecure.com securepaypal.com paypal.verify.cc
github.com | brand | github.com.attacker.dev github-login.io login-github.io github-support.net github.evil.dev
northwind.com | brand | northwind.com.co.evil.ru northwind-invoices.evil.io billing-northwind.com northwindbilling.com
microsoft.com | brand | microsoft.com-verify.net login.microsoft.com.evil.app microsoft-account.com account-microsoft.net microsoftonline-login.support
api.corp.com | brand | api.corp.com.evil.net api-corp.com.ru corp.com-api.net api.corp.com.attacker.workers.dev
hooks.slack.com | brand | hooks.slack.com.evil.io slack.evil.io slack-hooks.com slack-login.com
initech.com | typo | initehc.com inittech.com intech.com initeck.com iniitech.com
initech.com | ending | initech.co initech.org initech.us initech.online
initech.com | brand | initech.com.evil.io initech-hr.com hr-initech.net login.initech.evil.dev myinitech.com
umbrella.org | digits | umbre11a.org urnbrella.org umbrel1a.org
umbrella.org | homoglyph | umbrellа.org umbrеlla.org
umbrella.org | typo | umbrela.org umberlla.org umbrells.org
hooli.com | digits | ho0li.com hoo1i.com h00li.com
hooli.com | typo | holi.com hooly.com hoolli.com
hooli.com | ending | hooli.xyz hooli.net hooli.co
ana@corp.com | homoglyph | аna@corp.com ana@соrp.com anа@corp.com ana@cоrp.com
maria.silva@corp.com | homoglyph | maria.ѕilva@corp.com mаria.silva@corp.com maria.sіlva@corp.com
ceo@northwind.com | typo | ceo@nothwind.com ceo@northwimd.com ceo@northwinds.com
ceo@northwind.com | ending | ceo@northwind.co ceo@northwind.net ceo@northwind.cm
ceo@northwind.com | brand | ceo@northwind.com.evil.io ceo@northwind-mail.com ceo@mail-northwind.com
payments@globex.com | typo | payment@globex.com paymets@globex.com paymenst@globex.com payments@globx.com
billing@corp.com | digits | bi11ing@corp.com bil1ing@corp.com biIIing@corp.com
maria.silva@corp.com | digits | maria.si1va@corp.com mar1a.silva@corp.com rnaria.silva@corp.com
maria.silva@corp.com | dots | mariasilva@corp.com maria_silva@corp.com maria-silva@corp.com m.aria.silva@corp.com
ana@corp.com | plus | ana+x@corp.com ana+invoices@corp.com
maria.silva@corp.com | name | maria.silva@gmail.com maria.silva@outlook.com mariasilva@gmail.com maria_silva@proton.me maria.silva@evil.io
ana@corp.com | name | ana@gmail.com ana+corp@gmail.com
ana@corp.com | embedded | corp.com@evil.io ana.corp.com@evil.io ana_corp.com@gmail.com corp-com@mail.evil.io
finance@northwind.com | embedded | northwind.com@gmail.com finance.northwind.com@gmail.com northwindcom@evil.io
https://hooks.slack.com/services/T0AAAA/B1/x | tenant | https://hooks.slack.com/services/T0BBBB/B1/x https://hooks.slack.com/workflows/T0CCCC/A/1/x
https://github.com/corp/site | tenant | https://github.com/c0rp/site https://github.com/corp/s1te https://github.com/evil/site
https://storage.googleapis.com/corp-data/a | tenant | https://storage.googleapis.com/corp-dota/a https://storage.googleapis.com/evil/a
https://discord.com/api/webhooks/111/x | tenant | https://discord.com/api/webhooks/112/x
https://api.telegram.org/bot1:A/sendMessage | tenant | https://api.telegram.org/bot2:A/sendMessage
https://gist.github.com/corp/1 | tenant | https://gist.github.com/c0rp/1
https://registry.npmjs.org/left-pad | tenant | https://registry.npmjs.org/left-pod
https://script.google.com/macros/s/AKa/exec | tenant | https://script.google.com/macros/s/AKb/exec
`
/** One destination in several spellings. */
const SAME = `
corp.com CORP.COM corp.com. Corp.Com
bücher.example xn--bcher-kva.example BÜCHER.example
ana@corp.com ana@CORP.COM Ana@corp.com <ana@corp.com> mailto:ana@corp.com
ana.silva@gmail.com anasilva@gmail.com a.n.a.silva@googlemail.com anasilva+x@gmail.com
bob@proton.me b.o.b@protonmail.com bob+a@pm.me
bob@icloud.com bob@me.com bob@mac.com
https://corp.com/ https://corp.com:443/a HTTPS://CORP.COM/b https://corp.com./
https://hooks.slack.com/services/T0A/B1/x https://hooks.slack.com/services/T0A/B2/y https://hooks.slack.com/triggers/T0A/1/x
https://github.com/Corp/Site https://github.com/corp/site/issues https://github.com/corp/site/pulls?q=1
https://storage.googleapis.com/bucket/a https://storage.googleapis.com/bucket/b https://storage.googleapis.com/storage/v1/b/bucket/o
https://s3.eu-west-1.amazonaws.com/data/a https://s3.eu-west-1.amazonaws.com/data/b
https://docs.google.com/document/d/1Ab/edit https://docs.google.com/document/d/1Ab/view
https://pastebin.com/raw/abc https://pastebin.com/abc
`
/** Pairs that have nothing to do with each other, and are not alike. */
const DIFFERENT = `
google.com amazon.com
corp.com mail.corp.com
mail.corp.com api.corp.com
github.com gitlab.com
slack.com zoom.us
ibm.com hp.com
ibm.com sibmail.com
ibm.com mibm.org
bbc.co.uk itv.com
app.corp.com app.acme.io
mail.com mail.google.com
api.stripe.com api.github.com
docs.rs docs.google.com
cloud.google.com cloud.ru
www.a-b.de www.c-d.de
northwind.com southbank.com
stripe.com scribe.org
corp.com incorporated.com
acme.io academe.edu
netflix.com netlify.com
oracle.com miracle.org
ana@corp.com bob@corp.com
ana@corp.com eve@corp.com
info@corp.com info@acme.io
support@corp.com support@gmail.com
admin@corp.com admin@outlook.com
build1@corp.com build2@corp.com
room101@corp.com room102@corp.com
maria.silva@corp.com joao.costa@corp.com
sales@corp.com sales@globex.com
ana@corp.com ana@acme.io
tom@corp.com tim@corp.com
jane.doe@corp.com john.roe@acme.io
https://corp.com/a https://acme.io/a
https://hooks.slack.com/services/T0A/B1/x https://discord.com/api/webhooks/1/x
192.0.2.1 192.0.2.2
example.org localhost
a.example b.example
pay.acme.io payments.dev
linkedin.com linode.com
booking.com baking.co
sap.com sas.com
`
const lines = (table: string): readonly string[] => table.trim().split('\n')
const alike = lines(ALIKE).flatMap((line) => {
  const [known = '', kind = '', others = ''] = line.split('|').map((part) => part.trim())
  return others.split(' ').map((candidate) => ({ known, kind, candidate }))
})
const same = lines(SAME).flatMap((line) => {
  const [first = '', ...others] = line.split(' ')
  return others.map((other) => [first, other] as const)
})
const different = lines(DIFFERENT).map((line) => line.split(' ') as [string, string])

describe('T-101: look-alike destinations', () => {
  it('has three hundred pairs', () => {
    expect(alike.length + same.length + different.length).toBeGreaterThanOrEqual(300)
  })
  it.each(alike)('T-101: $candidate passes for $known', ({ known, candidate, kind }) => {
    expect(sameDestination(candidate, known)).toBe(false)
    expect(looksLike(candidate, known)).toBe(kind)
  })
  it.each(same)('T-101: %s is %s', (a, b) => {
    expect(sameDestination(a, b)).toBe(true)
    expect(looksLike(a, b)).toBeUndefined()
  })
  it.each(different)('T-101: %s is nothing like %s', (a, b) => {
    expect(sameDestination(a, b)).toBe(false)
    expect([looksLike(a, b), looksLike(b, a)]).toEqual([undefined, undefined])
  })
})

#!/usr/bin/env node
// A second injector for Sallyport, as a service of its own:  INJECTOR_TOKEN=… node server.mjs VALUES.json [PORT]
//   VALUES.json   { "github": { "value": "…", "version": "1", "expiresAt": 1800000000000 } }
// It keeps values itself and answers what is to be changed in a request. Put it where only the gateway reaches it.
import { createHash, timingSafeEqual } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'

const [file, port = '0'] = process.argv.slice(2)
const { INJECTOR_TOKEN: token } = process.env
if (file === undefined || token === undefined || token === '') {
  console.error('usage: INJECTOR_TOKEN=… server.mjs VALUES.json [PORT]')
  process.exit(2)
}
const values = new Map(Object.entries(JSON.parse(readFileSync(file, 'utf8'))))
const MOST = 8 << 20

class Refusal extends Error {
  constructor(code, status = 409) {
    super(code)
    this.status = status
  }
}
const refuse = (code, status) => {
  throw new Refusal(code, status)
}
const digest = (text) => createHash('sha256').update(text).digest()

/** What each form changes in a request. */
const FORMS = {
  header: ({ form }, value) => ({ headers: { [form.name]: line(form.prefix + value) } }),
  basic: ({ form }, value) => ({
    headers: { authorization: `Basic ${Buffer.from(`${form.user}:${value}`).toString('base64')}` },
  }),
  cookie: ({ form }, value) => ({ headers: { cookie: `${form.name}=${encodeURIComponent(value)}` } }),
  query: ({ form, search }, value) => ({ search: `?${withMember(search.slice(1), form.name, value)}` }),
  path({ path, placeholder }, value) {
    if (path.split(placeholder).length !== 2) refuse('SP_VAULT_SCOPE')
    if (!/^[\w.~!$&'()*+,;=:@-]+$/.test(value)) refuse('SP_VAULT_INVALID')
    return { path: path.replace(placeholder, () => value) }
  },
  json({ form, headers, body = '', placeholder }, value) {
    if (!/^application\/([\w.-]+\+)?json$/.test(typeOf(headers))) refuse('SP_VAULT_BODY')
    const text = Buffer.from(body, 'base64').toString('utf8')
    const quoted = JSON.stringify(placeholder)
    if (at(text, form.pointer) !== placeholder || text.split(quoted).length !== 2) refuse('SP_VAULT_BODY')
    return { body: Buffer.from(text.replace(quoted, () => JSON.stringify(value))).toString('base64') }
  },
  form({ form, headers, body = '' }, value) {
    if (typeOf(headers) !== 'application/x-www-form-urlencoded') refuse('SP_VAULT_BODY')
    const text = withMember(Buffer.from(body, 'base64').toString('latin1'), form.name, value)
    return { body: Buffer.from(text, 'latin1').toString('base64') }
  },
}

function line(text) {
  return /^[\t\u0020-\u007e\u0080-\u00ff]*$/.test(text) ? text : refuse('SP_VAULT_INVALID')
}
const typeOf = ({ 'content-type': type }) =>
  typeof type === 'string' ? type.split(';', 1)[0].trim().toLowerCase() : ''

function withMember(text, name, value) {
  const nameOf = (member) => decodeURIComponent(member.split('=', 1)[0].replaceAll('+', ' '))
  const rest = text.split('&').filter((member) => member !== '' && nameOf(member) !== name)
  return [...rest, `${encodeURIComponent(name)}=${encodeURIComponent(value)}`].join('&')
}

/** What a JSON pointer (RFC 6901) leads to. */
function at(text, pointer) {
  try {
    const names = pointer.split('/').slice(1)
    const plain = names.map((name) => name.replaceAll('~1', '/').replaceAll('~0', '~'))
    return plain.reduce((value, name) => (Object.hasOwn(value ?? {}, name) ? value[name] : undefined), JSON.parse(text))
  } catch {
    return undefined
  }
}

async function answer(request) {
  const given = digest(request.headers.authorization ?? '')
  if (!timingSafeEqual(given, digest(`Bearer ${token}`))) refuse('SP_VAULT_DENIED', 403)
  if (request.method !== 'POST') refuse('SP_VAULT_UNAVAILABLE', 405)
  const chunks = []
  let size = 0
  for await (const chunk of request) {
    size += chunk.length
    if (size > MOST) refuse('SP_VAULT_BODY', 413)
    chunks.push(chunk)
  }
  const asked = JSON.parse(Buffer.concat(chunks).toString('utf8'))
  const known = values.get(asked.name) ?? refuse('SP_VAULT_UNKNOWN', 404)
  if (known.expiresAt !== undefined && known.expiresAt <= Date.now()) refuse('SP_VAULT_EXPIRED')
  const place = Object.hasOwn(FORMS, asked.form?.kind) ? FORMS[asked.form.kind] : refuse('SP_VAULT_INVALID', 422)
  const { value, version = '1', expiresAt } = known
  const secrets = [Buffer.from(value).toString('base64')]
  return { ...place(asked, value), secrets, version, ...(expiresAt === undefined ? {} : { expiresAt }) }
}

const server = createServer((request, response) => {
  const send = (status, body) =>
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
  answer(request).then(
    (change) => send(200, change),
    // nothing of what went wrong is said: it might quote a value
    (thrown) =>
      send(thrown.status ?? 400, { code: thrown instanceof Refusal ? thrown.message : 'SP_VAULT_UNAVAILABLE' }),
  )
})
server.listen(Number(port), '127.0.0.1', () => console.log(`http://127.0.0.1:${server.address().port}/`))

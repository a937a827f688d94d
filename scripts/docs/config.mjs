// docs/reference/config.md from the schema of sallyport.yaml.
import { configSchema } from '../../packages/gateway/src/config/schema.ts'
import { run as printSchema } from '../../packages/gateway/src/cli/config/schema.ts'
import { cell, code, GENERATED, table } from './markdown.mjs'

/** Settings in ms that are written as durations. */
const UNITS = [
  [86_400_000, 'd'],
  [3_600_000, 'h'],
  [60_000, 'm'],
  [1000, 's'],
  [1, 'ms'],
]

export async function configPage() {
  let text = ''
  await printSchema({ json: true, out: (out) => (text = out) })
  const schema = JSON.parse(text)
  const defaults = configSchema.parse({ version: 1, servers: { name: { command: ['program'] } } })
  const top = Object.entries(schema.properties).map(([name, node]) => section(name, node, defaults))
  return `# Configuration

${GENERATED}

\`sallyport.yaml\` is read from \`--config\`, else from the user's configuration directory (\`sallyport/sallyport.yaml\`), else from \`/etc/sallyport\`. The working directory never counts. Objects are closed: an unknown key is an error with its position and a suggestion. Anchors and merge keys are refused. \`\${env:NAME}\` and \`\${xdg:NAME}\` stand for a whole value. Durations are written \`500ms\`, \`30s\`, \`5m\`, \`24h\`, \`90d\` or as a number of seconds.

\`sallyport config validate\` checks a file, \`sallyport config show --origin\` says where each value comes from, \`sallyport config schema\` prints the JSON Schema.

${top.join('\n\n')}

## Settings that weaken

They are in [secure defaults](secure-defaults.md).
`
}

function section(name, node, defaults) {
  const rows = leaves(node, name, defaults)
  const about = node.description === undefined || rows.length === 1 ? '' : `${node.description}\n\n`
  return `## ${name}\n\n${about}${table(['key', 'type', 'default', 'meaning'], rows)}`
}

/** One row for each key; `NAME` stands for a key of your choice. */
function leaves(node, path, defaults) {
  const members = Object.entries(node.properties ?? {})
  if (members.length > 0) return members.flatMap(([name, member]) => leaves(member, `${path}.${name}`, defaults))
  const each = node.additionalProperties
  if (typeof each === 'object' && each.properties !== undefined) return leaves(each, `${path}.NAME`, defaults)
  const variants = node.oneOf ?? []
  if (variants.length > 0 && variants.every(({ properties }) => properties !== undefined)) {
    return variants.flatMap((variant) => leaves(variant, path, defaults)).filter(firstOfItsKey())
  }
  return [[code(path), cell(typeOf(node)), code(defaultOf(node, path, defaults)), cell(node.description ?? '')]]
}

function firstOfItsKey() {
  const seen = new Set()
  return ([key, type]) => !seen.has(`${key} ${type}`) && seen.add(`${key} ${type}`)
}

const isDuration = ({ anyOf = [] }) => anyOf.some(({ pattern = '' }) => pattern.includes('ms|s|m|h|d'))

function typeOf(node) {
  if (isDuration(node)) return 'duration'
  if (node.const !== undefined) return code(JSON.stringify(node.const))
  if (node.enum !== undefined) return node.enum.map((value) => code(value)).join(', ')
  if (node.type === 'array') return `list of ${typeOf(node.items ?? {})}`
  if (node.type === 'object') return `map of ${typeOf(node.additionalProperties ?? {})}`
  if (node.anyOf !== undefined) return node.anyOf.map(typeOf).join(' or ')
  if (node.format === 'uri') return 'URL'
  return node.type ?? 'any'
}

/** What the schema itself gives when the key is absent; keys without a default are absent. */
function defaultOf(node, path, defaults) {
  const value = path.split('.').reduce((at, name) => at?.[name === 'NAME' ? 'name' : name], defaults)
  if (value === undefined || node.const !== undefined || path.endsWith('.command')) return ''
  if (!isDuration(node)) return JSON.stringify(value)
  const [size, unit] = UNITS.find(([size]) => value % size === 0) ?? [1, 'ms']
  return `${value / size}${unit}`
}

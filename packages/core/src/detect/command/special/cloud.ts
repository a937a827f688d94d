import { UNKNOWN } from '../flow.ts'
import { isLocalHost } from '../hosts.ts'
import type { Invocation } from '../invocation.ts'
import { report, useRead, type Special } from '../scene.ts'
import type { Effect } from '../effects.ts'
import { literalValue } from '../words.ts'

const whole = (inv: Invocation): string => inv.words.map(({ text }) => text).join(' ')

/** Verbs of the cloud command lines, first match counts. Held against the words without options. */
const CLOUD_VERBS: readonly (readonly [RegExp, Effect])[] = [
  [
    /\b(?:print-(?:access|identity|refresh)-token|get-access-token|get-login-password|get-session-token|assume-role\S*|get-federation-token|auth (?:token|print)|auth application-default|export-credentials|configure (?:get|export|list)|ecr get-login|codeartifact get-authorization-token|account get-access-token|generate-db-auth-token|create-token|access-keys? (?:list|create)|create-access-key|keys (?:list|show|renew)|connection-string|show-connection-string|get-credentials|list-keys|listkeys|get-password-data|credential(?:s|-report)?\b|kubeconfig|token(?::|s)? (?:create|list|get|show)|auth:token|api-keys?|publish-profiles?|list-publishing)/,
    'read.keychain',
  ],
  [
    /\b(?:secretsmanager (?:get|batch-get|list)\S*|get-secret-value|ssm get-parameters?\S*|secrets? (?:versions )?(?:access|show|get|list|download|reveal|view|read)|keyvault (?:secret|key) (?:show|list|download|backup)|kms decrypt|env(?:s|:|ironment)? (?:pull|ls|list|get|show)|config(?::get| get|:|\b)|variables? (?:list|get|show)|vars|functions config|ssm get|parameter get|dotenv)\b/,
    'read.keychain',
  ],
  [
    /\b(?:s3(?:api)? (?:rb|rm|delete-\S+)|delete\S*|destroy\S*|terminate\S*|purge|remove\S*|rm|rb|drop|reset|apps:destroy|pg:reset|nuke|wipe|deprovision|schedule-key-deletion|disable-key|deregister\S*|projects? (?:delete|shutdown))\b/,
    'data.destroy',
  ],
  [
    /\b(?:s3 (?:cp|mv|sync)|s3api put-object|s3 presign|storage (?:cp|rsync|blob upload\S*|copy)|blob upload\S*|storage upload|put-object\S*|upload\S*|cp|rsync|sync|copy|deploy|publish|invoke|send-message|publish-batch|send-email|objects? put|bulk-upload|r2 object put|kv:? ?key put|kv:put|hosting:channel:deploy)\b/,
    'network.upload',
  ],
  [
    /\b(?:iam (?:create|attach|put|add|update|set)\S*|add-iam-policy-binding|set-iam-policy|role assignment create|ad (?:sp|app|user) (?:create|credential)|create-login-profile|add-user-to-group|create-user|import-key-pair|add-permission|put-bucket-policy|put-bucket-acl|put-public-access-block|modify-snapshot-attribute|authorize-security-group\S*|update-assume-role-policy|access:add|members add|collaborators add|service-accounts keys create|firewall-rules create|create-security-group|sharing|set-acl|ch)\b/,
    'persist.access',
  ],
  [
    /\b(?:ssm (?:send-command|start-session)|execute-command|compute ssh|compute scp|vm run-command|ec2-instance-connect|ssh|run:detached|ps:exec|ps:copy|bastion|exec|console|shell|rsh|cloud-shell|vm extension set|start-session|run-instances|serial-console|proxy|tunnel|port-forward)\b/,
    'network.remote-shell',
  ],
  [
    /\b(?:stop-logging|delete-trail|update-trail|put-event-selectors|delete-flow-logs|disable-\S+|cloudtrail|guardduty|logging (?:sinks|logs) delete|diagnostic-settings delete|stop-configuration-recorder|delete-detector)\b/,
    'evade.protection',
  ],
  [
    /\b(?:create\S*|put\S*|update\S*|modify\S*|start\S*|stop\S*|reboot\S*|scale|apply|set|enable\S*|import|run|restart|promote|up|link|add|submit|login|configure set|rollback|release\S*)\b/,
    'publish.release',
  ],
]

/** Read-only verbs: they decide before the table is asked. */
const LOOKS =
  /^(?:\S+ )?(?:\S+ )?(?:describe\S*|list\S*|ls|show|get-caller-identity|version|help|whoami|info|status|logs?|tail|head|wait|validate\S*|plan|diff|doctor|current|search)\b/

const cloud: Special = (inv, scene) => {
  const words = inv.words.slice(1)
  const plain: string[] = []
  for (let index = 0; index < words.length; index++) {
    const text = words[index]?.text ?? ''
    if (text.startsWith('-')) {
      if (
        /^--(?:region|profile|output|project|query|format|zone|endpoint-url|resource-group|subscription)$|^-[og]$/.test(
          text,
        )
      )
        index++
      continue
    }
    plain.push(text)
  }
  const verbs = plain.slice(0, 4).join(' ')
  const endpoint = inv.arguments.find(({ option }) => option === '--endpoint-url')?.value.text ?? ''
  if (/^https?:\/\/(?:localhost|127\.)/.test(endpoint)) return UNKNOWN
  for (const { text } of inv.operands)
    if (/^[.~/]/.test(text) || /\.\w{1,5}$/.test(text)) useRead(scene, literalValue(text))
  const fileb = inv.arguments.filter(({ value }) => /^fileb?:\/\//.test(value.text))
  for (const { value } of fileb) useRead(scene, { ...value, text: value.text.replace(/^fileb?:\/\//, '') })
  if (inv.program === 'gcloud' && /^config (?!config-helper)/.test(verbs)) return UNKNOWN
  if (LOOKS.test(verbs) && !/secret|credential|token|key|password|env\b|parameter/i.test(verbs)) {
    const decrypts = inv.words.some(({ text }) =>
      /^--(?:with-decryption|include-value|show-secrets?|reveal|plaintext|unmask)/.test(text),
    )
    if (decrypts) report(scene, 'read.keychain', whole(inv))
    return UNKNOWN
  }
  const found = CLOUD_VERBS.find(([pattern]) => pattern.test(verbs))
  if (found !== undefined) {
    const [, effect] = found
    if (effect === 'network.upload' && downloads(plain)) return { ...UNKNOWN, network: true }
    report(scene, effect, whole(inv))
  }
  return UNKNOWN
}

/** `aws s3 cp s3://b/x .`: the last place is here. */
function downloads(words: readonly string[]): boolean {
  const places = words.filter((word) => /[/.]/.test(word) || word === '.' || word === '-')
  const last = places.at(-1) ?? ''
  return places.length > 1 && !/^(?:s3|gs|az|https?|oss|r2|cos):\/\//.test(last)
}

const SECRET_TOOLS: Readonly<Record<string, RegExp>> = {
  op: /^(?:item|read|inject|document|vault|signin|whoami|account|user|events-api|connect|service-account|run)\b/,
  pass: /^(?!(?:help|version|ls|list|git)\b)/,
  gopass: /^(?!(?:help|version|ls|list)\b)/,
  vault:
    /^(?:kv|read|write|login|token|unwrap|print|operator|auth|policy|secrets|lease|delete|agent|ssh|transit|list)\b/,
  bao: /^(?:kv|read|write|login|token|operator|list)\b/,
  bw: /^(?:get|list|unlock|login|export|serve)\b/,
  doppler: /^(?:secrets|configs|configure|run|environments|import)\b/,
  infisical: /^(?:secrets|export|run|token)\b/,
  security:
    /^(?:dump-keychain|find-\S+|export|unlock-keychain|add-\S+|delete-\S+|set-\S+|import|list-keychains|default-keychain|authorizationdb|show-keychain-info)\b/,
  'secret-tool': /^(?:lookup|search|store|clear)\b/,
  keyring: /^(?:get|set|del)\b/,
  sops: /(?:^|\s)(?:-d|--decrypt|decrypt|exec-env|exec-file|edit)\b/,
  'ansible-vault': /^(?:view|decrypt|edit|rekey)\b/,
  age: /(?:^|\s)(?:-d|--decrypt)\b/,
}

const secrets: Special = (inv, scene) => {
  const pattern = SECRET_TOOLS[inv.program]
  const text = inv.words
    .slice(1)
    .map((word) => word.text)
    .join(' ')
  if (
    inv.words.length > 1 &&
    (pattern === undefined || pattern.test(text)) &&
    !/^(?:--?(?:version|help)|version|help|status)\b/.test(text)
  ) {
    if (inv.rest.length === 0 || pattern !== undefined) report(scene, 'read.keychain', whole(inv))
  }
  return undefined
}

/** Servers of this machine are ordinary for a database client; dumping and dropping is judged by the SQL. */
const sqlClient: Special = (inv, scene) => {
  const host = inv.arguments.find(({ option }) => option === '-h' || option === '--host')?.value.text
  if (host !== undefined) scene.facts.host(host)
  for (const { option, value } of inv.arguments) {
    if (/^(?:-o|--output|--tee|-L)$/.test(option ?? '') && value.text.startsWith('|'))
      report(scene, 'exec.escape', value.text)
  }
  if (/^(?:pg_dump|pg_dumpall|mysqldump|mariadb-dump|mongodump|mongoexport)$/.test(inv.program)) {
    const target = [host ?? '', ...inv.operands.map(({ text }) => text)].join(' ')
    if (
      /\bprod|production/i.test(target) ||
      (host !== undefined && !isLocalHost(host, scene.policy.localHosts) && host.includes('.'))
    )
      report(scene, 'read.secret', whole(inv))
    if (inv.program === 'pg_dumpall') report(scene, 'read.secret', whole(inv))
    return { ...UNKNOWN, local: true, secret: true }
  }
  return undefined
}

const sqlite: Special = (inv, scene) => {
  const [database] = inv.operands
  if (database !== undefined) useRead(scene, database)
  return undefined
}

const redis: Special = (inv, scene) => {
  const text = inv.operands.map((value) => value.text).join(' ')
  if (/^(?:config\s+get\s+(?:requirepass|\*)|acl)/i.test(text)) report(scene, 'read.secret', text)
  return undefined
}

const terraform: Special = (inv, scene) => {
  const text = whole(inv)
  if (/\s-destroy\b/.test(text)) report(scene, 'data.destroy', text)
  if (inv.operands[0]?.text === 'import' || inv.operands[0]?.text === 'taint') report(scene, 'publish.release', text)
  return undefined
}

export const CLOUD_SPECIALS: Readonly<Record<string, Special>> = {
  'aws gcloud az oci doctl ibmcloud aliyun tccli linode-cli hcloud scw vultr-cli exo openstack heroku flyctl fly vercel netlify railway render supabase firebase wrangler cf atlas mongocli stripe twilio databricks neonctl pscale turso eb copilot gam okta':
    cloud,
  'op pass gopass vault bao bw doppler infisical security secret-tool keyring sops ansible-vault age lpass rbw dcli chamber credstash keepassxc-cli kpcli blackbox_cat berglas passage kwallet-query akeyless conjur phase summon teller git-crypt pypykatz cmdkey vaultcmd dotenv-vault':
    secrets,
  'psql pgcli mysql mariadb pg_dump pg_dumpall mysqldump mariadb-dump mongodump mongoexport mongosh': sqlClient,
  'sqlite3 sqlite sqlcipher litecli': sqlite,
  'redis-cli valkey-cli': redis,
  'terraform tofu terragrunt': terraform,
}

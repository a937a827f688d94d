import { check, foundOr, type Found } from '../check.ts'
import { counted } from '../words.ts'
import { secretsInText, type SecretPlace } from '../secrets-in-text.ts'

const isOfServer = ({ path }: SecretPlace): boolean => path.startsWith('servers.')
const secretAt = ({ path, line, family }: SecretPlace, file: string | undefined): Found => ({
  ...{ severity: 'high', subject: path, line, detail: `A value here looks like a secret (${family}).` },
  ...(file === undefined ? {} : { file }),
})

export const DATA_CHECKS = [
  check({
    ...{ id: 'data.secret_location', category: 'data', severities: ['high'], requirements: ['HB-123'] },
    title: 'Secrets are in the vault or the environment, not in what agents and servers are given as text.',
    why: 'Whatever stands in a skill’s instructions or a server’s settings is read by models, copied and committed.',
    remediation: 'Keep it with `sallyport vault set`, and name it as a credential or as ${env:NAME}.',
    needs: ['config'],
    run: ({ config: { text, file } }, { skills }) => {
      const inServers = secretsInText(text).filter(isOfServer)
      const told = skills.state === 'known' ? skills.value : []
      return foundOr(
        [
          ...inServers.map((one) => secretAt(one, file)),
          ...told.flatMap(({ name, secrets }): Found[] =>
            secrets === 0
              ? []
              : [
                  {
                    severity: 'high',
                    subject: name,
                    detail: `${counted(secrets, 'secret')} in the instructions of this skill.`,
                  },
                ],
          ),
        ],
        'Servers and skills are given no secret as text',
      )
    },
  }),
  check({
    ...{ id: 'secrets.in_config', category: 'secrets', severities: ['high'], requirements: ['ND-7.1.b', 'HB-123'] },
    title: 'The configuration holds no secret in clear.',
    why: 'A configuration is copied, shown and committed; its secrets go along.',
    remediation:
      'Keep the value with `sallyport vault set` or in a variable, write ${env:NAME} here, and replace the value: it was readable.',
    needs: ['config'],
    run: ({ config: { text, file } }) =>
      foundOr(
        secretsInText(text).flatMap((one) => (isOfServer(one) ? [] : [secretAt(one, file)])),
        'No secret in the configuration',
      ),
  }),
  check({
    ...{ id: 'secrets.lifetime', category: 'secrets', severities: ['low'], requirements: ['HB-59', 'SEC-4.1'] },
    title: 'Secrets of the vault end by themselves, and none has ended.',
    why: 'Once stolen, a secret without an end works for ever; what uses an ended one fails.',
    remediation: 'sallyport vault rotate NAME',
    needs: ['gateway'],
    run: ({ gateway: { health } }) =>
      foundOr(
        health
          .filter(({ id, severity }) => id.startsWith('secrets.') && severity !== 'info')
          .map(({ id, title, why }): Found => ({ severity: 'low', subject: id, detail: `${title}. ${why}` })),
        'Secrets of the vault end by themselves',
      ),
  }),
  check({
    ...{
      id: 'data.output_sanitizer',
      category: 'data',
      severities: ['high', 'medium'],
      requirements: ['HB-124'],
    },
    title: 'What leaves the gateway is freed of credentials first.',
    why: 'A key that a tool printed would be read by the model, and from there by anybody.',
    remediation: 'Remove the exception, or bound it to one tool and a near date.',
    needs: ['config'],
    run: ({ config: { config, file }, now }) => {
      const place = file === undefined ? {} : { file }
      const found: Found[] = []
      for (const [name, { mode }] of Object.entries(config.content.results))
        if (mode === 'minimal')
          found.push({
            ...{ severity: 'medium', subject: `content.results.${name}`, ...place },
            detail: 'Results of these tools are handed on with the least inspection.',
            ...(file === undefined
              ? {}
              : { fix: { kind: 'set', file, at: ['content', 'results', name, 'mode'], value: 'standard' } }),
          })
      for (const { rule, scope, expires } of config.suppressions)
        if (rule.startsWith('secret') && Date.parse(expires) + DAY > now)
          found.push({
            ...{ severity: 'medium', subject: `suppressions ${rule}`, ...place },
            detail: `Findings of secrets are ignored for ${scope}, until ${expires}.`,
          })
      for (const [name, { secrets = 'refuse' }] of Object.entries(config.egress.rules))
        if (secrets === 'record')
          found.push({
            ...{ severity: 'high', subject: `egress.rules.${name}`, ...place },
            detail: 'Requests with secrets in them go out by this rule; they are only recorded.',
            ...(file === undefined
              ? {}
              : { fix: { kind: 'set', file, at: ['egress', 'rules', name, 'secrets'], value: 'refuse' } }),
          })
      return foundOr(found, 'Results are inspected, and requests with secrets are refused')
    },
  }),
  check({
    ...{ id: 'data.memory_source', category: 'data', severities: ['medium'], requirements: ['HB-125'] },
    title: 'Each entry of a memory says who it came from.',
    why: 'What a stranger said would come back as something that the agent knows.',
    remediation: 'Tag the entries with their source, or remove them.',
    needs: ['memory'],
    run: ({ memory: { tiers } }) =>
      foundOr(
        tiers.flatMap(({ name, untagged }): Found[] =>
          untagged === 0
            ? []
            : [
                {
                  severity: 'medium',
                  subject: name,
                  detail: `${counted(untagged, 'entry', 'entries')} without a source.`,
                },
              ],
        ),
        `${counted(tiers.length, 'tier')}, all tagged`,
      ),
  }),
  check({
    ...{ id: 'data.gdpr_erasure', category: 'data', severities: ['high'], requirements: ['HB-126'] },
    title: 'Deletion of a person’s data reaches every tier of memory.',
    why: 'A request for deletion would be answered, and the data stay.',
    remediation: 'Add the tier to the erasure, or do not keep personal data in it.',
    needs: ['memory'],
    run: ({ memory: { tiers } }) =>
      foundOr(
        tiers
          .filter(({ erasable }) => !erasable)
          .map(({ name }): Found => ({
            ...{ severity: 'high', subject: name, detail: 'Deletion does not reach this tier.' },
          })),
        `${counted(tiers.length, 'tier')}, all reached`,
      ),
  }),
  check({
    ...{ id: 'data.provider_terms', category: 'data', severities: ['medium'], requirements: ['HB-127', 'E-76'] },
    title: 'The data-processing terms of each model provider were accepted by somebody.',
    why: 'Nobody knows what the provider may do with what is sent to it.',
    remediation: 'Read the terms, and record who accepted them and when.',
    needs: ['providers'],
    run: ({ providers }) =>
      foundOr(
        providers
          .filter(({ acceptance }) => acceptance === undefined)
          .map(({ name }): Found => ({
            ...{ severity: 'medium', subject: name, detail: 'Nobody has recorded that its terms were accepted.' },
          })),
        `${counted(providers.length, 'provider')}, all accepted`,
      ),
  }),
]

const DAY = 86_400_000

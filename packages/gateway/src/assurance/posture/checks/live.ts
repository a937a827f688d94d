import { check, foundOr, type Found } from '../check.ts'
import { counted, listed } from '../words.ts'

/** What a gateway that runs was asked (`--deep`), and what it found out about itself. */
export const LIVE_CHECKS = [
  check({
    ...{
      id: 'gateway.open_route',
      category: 'gateway',
      severities: ['critical'],
      requirements: ['AC-2.1.5', 'ND-2.1.b'],
    },
    title: 'Every entry refuses a stranger, and nothing is served that the table of entries does not have.',
    why: 'Whoever finds it is in.',
    remediation: 'Stop the gateway and report this.',
    needs: ['gateway'],
    run({ gateway: { health } }, { deep }) {
      const found = health
        .filter(({ id }) => id === 'network.routes')
        .map(({ title, why }): Found => ({ severity: 'critical', subject: 'routes', detail: `${title}. ${why}` }))
      const crawl = deep.state === 'known' ? deep.value.routes : undefined
      if (crawl?.state === 'unknown') return crawl
      const tried = crawl?.state === 'known' ? crawl.value : []
      for (const { what, ok, said } of tried)
        if (!ok)
          found.push({
            severity: 'critical',
            subject: what,
            detail: `Asked without a credential, it answered ${said}.`,
          })
      return foundOr(found, tried.length === 0 ? 'The gateway asked its own entries' : counted(tried.length, 'request'))
    },
  }),
  check({
    ...{ id: 'gateway.metadata', category: 'gateway', severities: ['critical'], requirements: ['HB-128', 'T-116'] },
    title: 'Metadata services of clouds cannot be reached.',
    why: 'Whoever reaches one gets the credentials of this machine.',
    remediation: 'Remove it from egress.exceptions.',
    needs: ['gateway'],
    run: ({ gateway: { health } }) =>
      foundOr(
        health
          .filter(({ id }) => id === 'network.metadata')
          .map(({ why }): Found => ({ severity: 'critical', subject: 'metadata', detail: why })),
        'The gateway tried, and was refused',
      ),
  }),
  check({
    ...{ id: 'gateway.self_check', category: 'gateway', severities: ['low'], requirements: ['SEC-7.4'] },
    title: 'The gateway could look at everything in its own check.',
    why: 'What could not be looked at may be bad.',
    remediation: 'sallyport health --check',
    needs: ['gateway'],
    run: ({ gateway: { unknown } }) =>
      foundOr(
        unknown.map(({ id, why }): Found => ({
          severity: 'low',
          subject: id,
          detail: `It could not be looked at: ${why}`,
        })),
        'All of its checks were made',
      ),
  }),
  check({
    ...{
      id: 'gateway.canary',
      category: 'gateway',
      severities: ['critical'],
      requirements: ['SYS-1', 'T-043', 'HB-24'],
    },
    title: 'A call that nobody may make is refused at every way in (--deep).',
    why: 'An entry that lets this call pass lets every call pass.',
    remediation: 'Stop the gateway and report this.',
    needs: ['deep'],
    run: ({ deep: { canaries } }) => {
      if (canaries.state !== 'known') return canaries
      return foundOr(
        canaries.value
          .filter(({ ok }) => !ok)
          .map(({ what, said }): Found => ({
            severity: 'critical',
            subject: what,
            detail: `The canary was not refused: ${said}.`,
          })),
        `refused at ${listed(canaries.value.map(({ what }) => what))}`,
      )
    },
  }),
  check({
    ...{ id: 'logging.verify', category: 'logging', severities: ['critical'], requirements: ['T-162', 'HB-132'] },
    title: 'The log is what was written, from its first record (--deep).',
    why: 'Somebody changed or removed records.',
    remediation: 'sallyport log verify',
    needs: ['deep'],
    run: ({ deep: { log } }) => {
      if (log.state !== 'known') return log
      const { ok, what, said } = log.value
      return foundOr(ok ? [] : [{ severity: 'critical', subject: what, detail: said }], said)
    },
  }),
]

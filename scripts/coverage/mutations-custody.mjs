// Controls of vault and broker taken out, one each; see mutations.mjs.
const BROKER = 'packages/gateway/src/custody/broker'
const TAKING_BACK = 'test/vault/taking-back.test.ts'

export const CUSTODY_MUTATIONS = [
  {
    id: 'credential-taken-back-lent-on',
    proves: 'HB-57',
    file: `${BROKER}/broker.ts`,
    find: '(await this.#deps.takenBack?.covers(name, use.agent)) === true',
    replace: '(await this.#deps.takenBack?.covers(name, use.agent)) === undefined',
    test: TAKING_BACK,
  },
  {
    id: 'credential-tunnels-stay-open',
    proves: 'T-128',
    file: 'packages/gateway/src/execution/egress/lending.ts',
    find: 'if (ended.some((one) => one.host === host',
    replace: 'if (ended.some((one) => one.host !== host',
    test: TAKING_BACK,
  },
  {
    id: 'credential-grant-not-counted',
    proves: 'HB-59',
    file: `${BROKER}/grants.ts`,
    find: 'return uses < most && ',
    replace: 'return uses <= most && ',
    test: `${BROKER}/grants.test.ts`,
  },
  {
    id: 'credential-injector-says-anything',
    proves: 'T-125',
    file: `${BROKER}/http-injector.ts`,
    find: 'if (headers !== undefined && !isHeadersOf(form, headers)) no()',
    replace: 'if (headers !== undefined && isHeadersOf(form, {})) no()',
    test: 'test/vault/injectors.test.ts',
  },
]

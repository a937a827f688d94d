import { SallyportError } from '@sallyport/core'
import { z } from 'zod'
import { iso, nameOf } from './me-routes.ts'
import { PROOF, requirePresence } from './operator-presence.ts'
import type { DevicesApi } from './people-ports.ts'
import type { PresencePort } from './ports.ts'
import { readAs } from './read-as.ts'
import type { ApiRequest, Route } from './route.ts'

export interface DevicesRoutesDeps {
  readonly devices: DevicesApi
  readonly presence: PresencePort
  readonly origin: () => string | undefined
}

const CONFIRM = z.strictObject({ check: z.string().max(16), proof: PROOF })
const PROVED = z.strictObject({ proof: PROOF })

/** Devices on which people decide away from the gateway’s own machine (threat-model §3.4). */
export function devicesRoutes({ devices, presence, origin }: DevicesRoutesDeps): Route[] {
  const mine = ({ session, principal }: ApiRequest, operator: string): boolean =>
    session === undefined || principal.id === operator || principal.scopes.includes('admin')
  return [
    {
      method: 'GET',
      path: '/api/v1/devices',
      plane: 'operator',
      scope: 'read',
      summary: 'Paired devices: your own, and all of them for an admin and on the operator socket.',
      async handle(request) {
        const shown = (await devices.list()).filter(({ operator }) => mine(request, operator))
        return { status: 200, body: { items: shown.map((each) => ({ ...each, pairedAt: iso(each.pairedAt) })) } }
      },
    },
    {
      method: 'POST',
      path: '/api/v1/devices/pairing',
      plane: 'operator',
      scope: 'write',
      presence: 'route',
      surfaces: ['console'],
      summary: 'A code for 30 seconds that another device of yours is paired with, and the address to open there.',
      async handle({ principal, body }) {
        const payload = { person: nameOf(principal.id) }
        await requirePresence(presence, 'device.pair', payload, readAs(PROVED, body).proof, 'refuse')
        const made = await devices.pairingCode(principal.id)
        if (!made.ok) throw new SallyportError(made.code, made.reason)
        const { code, endsAt } = made.value
        return { status: 201, body: { url: `${origin() ?? ''}/setup`, code, endsAt: iso(endsAt) } }
      },
    },
    {
      method: 'GET',
      path: '/api/v1/devices/pairing',
      plane: 'operator',
      scope: 'read',
      surfaces: ['console'],
      summary: 'Browsers that came with a code of yours: where they are, and the number that stands on them.',
      async handle({ principal }) {
        const waiting = await devices.waiting(principal.id)
        return { status: 200, body: { items: waiting.map((each) => ({ ...each, endsAt: iso(each.endsAt) })) } }
      },
    },
    {
      method: 'POST',
      path: '/api/v1/devices/pairing/:id/confirm',
      plane: 'operator',
      scope: 'write',
      presence: 'route',
      surfaces: ['console'],
      summary: 'The browser that shows this number is yours: it may make its passkey.',
      async handle({ principal, params, body }) {
        const id = params['id'] ?? ''
        const { check, proof } = readAs(CONFIRM, body)
        await requirePresence(presence, 'device.confirm', { id, check }, proof, 'refuse')
        const confirmed = await devices.confirm(principal.id, id, check)
        if (!confirmed.ok) throw new SallyportError(confirmed.code, confirmed.reason)
        return { status: 200, body: { id } }
      },
    },
    {
      method: 'POST',
      path: '/api/v1/devices/:id/remove',
      plane: 'operator',
      scope: 'write',
      presence: 'route',
      surfaces: ['console'],
      summary: 'Takes a device away, your own or as an admin any: its sessions and its passkey end at once.',
      async handle(request) {
        const id = request.params['id'] ?? ''
        const device = (await devices.list()).find((each) => each.id === id)
        if (device === undefined || !mine(request, device.operator)) throw new SallyportError('SP_PEOPLE_UNKNOWN')
        const { proof } = readAs(PROVED, request.body)
        const by = await requirePresence(presence, 'device.remove', { id }, proof, 'refuse')
        const removed = await devices.remove(id, by)
        if (!removed.ok) throw new SallyportError(removed.code, removed.reason)
        return { status: 200, body: { id } }
      },
    },
  ]
}

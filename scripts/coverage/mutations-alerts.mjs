const ALERTS = 'packages/gateway/src/alerts'
const CORE = 'packages/core/src/alerts'
const SERVICE = 'test/alerts/service.test.ts'

/** Controls of alerts, taken out one each. */
export const ALERT_MUTATIONS = [
  {
    id: 'denial-does-not-wait-for-its-alert',
    proves: 'AC-5.2.1 E-57',
    file: 'packages/gateway/src/evidence/log/evidence.ts',
    find: '      } finally {\n        await tapped?.durable\n      }\n',
    replace: '      } finally {\n        await Promise.resolve()\n      }\n',
    test: SERVICE,
  },
  {
    id: 'critical-can-be-silenced',
    proves: 'T-175',
    file: `${CORE}/silence.ts`,
    find: "  if (alert.severity === 'critical') return false\n",
    replace: '',
    test: `${CORE}/group.test.ts`,
  },
  {
    id: 'critical-routed-away',
    proves: 'AC-5.2.2',
    file: `${CORE}/routing.ts`,
    find: "  if (severity === 'critical') return [...sinks.keys()]\n",
    replace: '',
    test: `${CORE}/group.test.ts`,
  },
  {
    id: 'alerts-without-end',
    proves: 'T-157',
    file: `${ALERTS}/book.ts`,
    find: 'of.size < MOST_SUBJECTS ? subject : EVERY_OTHER',
    replace: 'of.size >= 0 ? subject : EVERY_OTHER',
    test: SERVICE,
  },
  {
    id: 'waiting-notices-forgotten-at-restart',
    proves: 'ND-5.2.a SC5',
    file: `${ALERTS}/deliveries.ts`,
    find: '    this.#isStarted = true\n    await this.adopt(0)\n',
    replace: '    this.#isStarted = true\n    await Promise.resolve()\n',
    test: 'test/alerts/kill.test.ts',
  },
  {
    id: 'sink-that-hangs-is-waited-for',
    proves: 'ND-5.2.a',
    file: `${ALERTS}/deliveries.ts`,
    find: '      await Promise.race([sink.send(notice, signal), over])\n',
    replace: '      await sink.send(notice, new AbortController().signal)\n',
    test: SERVICE,
  },
  {
    id: 'slack-reads-what-agents-write',
    proves: 'T-168',
    file: `${CORE}/encode-slack.ts`,
    find: "    .replace(/[&<>]/g, (sign) => ENTITIES[sign] ?? '')\n",
    replace: '',
    test: 'test/alerts/encode.test.ts',
  },
  {
    id: 'syslog-values-unescaped',
    proves: 'T-168',
    file: `${CORE}/encode-syslog.ts`,
    find: '.replace(/["\\\\\\]]/g, (sign) => `\\\\${sign}`)',
    replace: '',
    test: 'test/alerts/encode.test.ts',
  },
  {
    id: 'silence-without-a-human',
    proves: 'T-175',
    file: 'packages/gateway/src/ingress/api/alerts-routes.ts',
    find: "        const by = await requirePresence(presence, 'alerts.silence', { ...asked } as JsonObject, proof, 'refuse')\n",
    replace: "        const by = String(proof?.operator ?? 'nobody')\n",
    test: 'test/alerts/gateway.test.ts',
  },
]

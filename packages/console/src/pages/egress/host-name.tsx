import { Value } from '../../ui/value.tsx'

/** A host, with the part of it that somebody can register in weight. What is not plain ASCII is shown sign by sign. */
export function HostName({ host, domain }: { readonly host: string; readonly domain: string }) {
  if (!host.endsWith(domain) || !/^[a-z0-9.:[\]-]+$/.test(host)) return <Value text={host} />
  const before = host.slice(0, -domain.length)
  return (
    <Value
      pieces={[
        ...(before === '' ? [] : [{ text: before, kind: 'plain' as const }]),
        { text: domain, kind: 'domain' as const },
      ]}
    />
  )
}

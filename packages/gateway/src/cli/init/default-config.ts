/** The configuration that `init` writes. A file of its own words: every line can be changed by hand. */
export const DEFAULT_CONFIG = (
  preset: string,
): string => `# Configuration of Sallyport. \`sallyport config schema\` describes every key; \`sallyport config validate\` checks it.
version: 1

# What agents may do. preset:${preset} was chosen by \`sallyport init\`. Files and directories may follow; later ones can
# forbid more, and \`sallyport policy check\` says what they mean together.
#   preset:locked-down   nothing but what a policy of yours allows, and only tools that were reviewed
#   preset:balanced      reads run; writes and everything that leaves the machine are asked about
#   preset:open          everything but known dangers (needs acknowledgeInsecure)
policies:
  - preset:${preset}

# Servers that the gateway itself starts or reaches. Those in your agents' own configurations were wrapped where they are.
servers: {}

# People look and decide here: \`sallyport console open\`. Loopback only, over TLS of the gateway's own authority.
console:
  port: 7443

approvals:
  # Nobody decided by then: denied. There is no setting that allows on time-out.
  ttl: 5m
`

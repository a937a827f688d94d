/** Where a sandbox finds what makes Node use its way out. */
export const NODE_PROXY_AT = '/etc/sallyport/node-proxy.cjs'
/** How each Node inside is told to load it. */
export const NODE_PROXY_OPTION = `--require=${NODE_PROXY_AT}`

'use strict'
/*
 * Every Node in a sandbox with a way out loads this first (NODE_OPTIONS=--require). Node before 22.21 reads no proxy variables, and later
 * ones do so for their own agents alone. Here `fetch`, and `http` and `https` with any plain agent, go where HTTP_PROXY, HTTPS_PROXY and
 * NO_PROXY say. It opens no door: what the way out refuses is refused, and who takes it out reaches nothing.
 *
 * Any version of Node may read it: syntax of 2019, nothing but built-in modules, and what fails here leaves Node as it was.
 */
;(function () {
  const CONNECT_LIMIT = 10000
  const DISPATCHER = Symbol.for('undici.globalDispatcher.1')
  const http = require('http')
  const https = require('https')
  const net = require('net')
  const PORTS = { 'http:': 80, 'https:': 443 }

  /** Whether NO_PROXY names a host: all (`*`), a name, what is below a name, either of them with a port. */
  function isDirect(list, host, port) {
    return list
      .toLowerCase()
      .split(/[\s,]+/)
      .some(function (entry) {
        if (entry === '*') return true
        const parts = /^(.*?[^:]):(\d+)$/.exec(entry)
        if (parts !== null && Number(parts[2]) !== port) return false
        const name = (parts === null ? entry : parts[1]).replace(/^\*?\./, '').replace(/^\[|\]$/g, '')
        return name !== '' && (host === name || host.slice(-name.length - 1) === '.' + name)
      })
  }

  /** The proxy for a host; undefined: none, or one that this does not know how to use. */
  function proxyFor(protocol, name, port) {
    const env = process.env
    const host = String(name)
      .toLowerCase()
      .replace(/^\[|\]$/g, '')
    const text = protocol === 'https:' ? env.https_proxy || env.HTTPS_PROXY : env.http_proxy || env.HTTP_PROXY
    if (!text || isDirect(env.no_proxy || env.NO_PROXY || '', host, port)) return undefined
    let url
    try {
      url = new URL(text)
    } catch {
      return undefined
    }
    const proxy = { host: url.hostname.replace(/^\[|\]$/g, ''), port: Number(url.port || 80) }
    const isKnown = url.protocol === 'http:' && url.username === ''
    return isKnown && !(proxy.host === host && proxy.port === port) ? proxy : undefined
  }

  function authorityOf(host, port) {
    return (net.isIPv6(host) ? '[' + host + ']' : host) + ':' + port
  }

  /** Opens a tunnel (RFC 9110 section 9.3.6). */
  function tunnel(proxy, host, port, done) {
    const authority = authorityOf(host, port)
    const asked = http.request({
      method: 'CONNECT',
      host: proxy.host,
      port: proxy.port,
      path: authority,
      headers: { host: authority },
      agent: false,
      timeout: CONNECT_LIMIT,
    })
    asked.once('connect', function (response, socket) {
      socket.setTimeout(0)
      if (response.statusCode === 200) return done(null, socket)
      socket.destroy()
      const why = response.headers['x-sallyport-deny'] || 'status ' + response.statusCode
      done(Object.assign(new Error('No tunnel to ' + authority + ': ' + why), { code: 'ERR_PROXY_TUNNEL' }))
    })
    asked.once('timeout', function () {
      asked.destroy(Object.assign(new Error('No tunnel to ' + authority + ' in time'), { code: 'ETIMEDOUT' }))
    })
    asked.once('error', done)
    asked.end()
  }

  /** `https`: a tunnel below TLS, for agents that connect as Node's do and know no proxy themselves. */
  function patchHttps() {
    const connect = https.Agent.prototype.createConnection
    https.Agent.prototype.createConnection = function createConnection(options, done) {
      const isPlain = typeof options === 'object' && options !== null && !options.socket && !options.socketPath
      const isCalled = isPlain && typeof done === 'function' && !(this.options && this.options.proxyEnv)
      const port = isCalled ? Number(options.port || 443) : 0
      const proxy = isCalled ? proxyFor('https:', options.host || 'localhost', port) : undefined
      if (proxy === undefined) return connect.apply(this, arguments)
      const agent = this
      tunnel(proxy, options.host || 'localhost', port, function (error, socket) {
        if (error) return done(error)
        let secure
        try {
          secure = connect.call(agent, Object.assign({}, options, { socket: socket }), done)
        } catch (thrown) {
          return done(thrown)
        }
        if (secure) done(null, secure)
      })
      return undefined
    }
  }

  /** `http`: the whole URL is said to the proxy (RFC 9112 section 3.2.2), again for plain agents alone. */
  function patchHttp() {
    const prototype = http.Agent.prototype
    const add = prototype.addRequest
    const connect = prototype.createConnection
    const create = prototype.createSocket
    prototype.addRequest = function addRequest(request, options) {
      const isPlain =
        this.protocol === 'http:' &&
        this.createConnection === connect &&
        this.createSocket === create &&
        !(this.options && (this.options.proxyEnv || this.options.socketPath)) &&
        typeof options === 'object' &&
        !options.socketPath &&
        request.method !== 'CONNECT' &&
        String(request.path).charAt(0) === '/'
      const port = isPlain ? Number(options.port || 80) : 0
      const proxy = isPlain ? proxyFor('http:', options.host || 'localhost', port) : undefined
      if (proxy === undefined) return add.apply(this, arguments)
      const before = request.path
      request.path = 'http://' + authorityOf(options.host || 'localhost', port).replace(/:80$/, '') + before
      // of a request whose headers were given as a list, the head is written already
      if (request._header) request._header = request._header.replace(' ' + before + ' ', ' ' + request.path + ' ')
      return add.call(this, request, Object.assign({}, options, { host: proxy.host, port: proxy.port }))
    }
  }

  /** As a connector of undici, Node's own `fetch`. */
  function connector(options, done) {
    const isSecure = options.protocol === 'https:'
    const host = options.hostname
    const port = Number(options.port) || PORTS[options.protocol]
    let late
    function over(error, socket) {
      clearTimeout(late)
      const told = done
      done = function () {}
      if (error) told(error)
      else told(null, socket.setNoDelay(true))
    }
    function begin(tunnelled) {
      const to = { host: host, port: port, localAddress: options.localAddress }
      const name = options.servername || (net.isIP(host) === 0 ? host : '')
      const tls = { socket: tunnelled, servername: name, ALPNProtocols: ['http/1.1'] }
      const socket = isSecure ? require('tls').connect(Object.assign(to, tls)) : net.connect(to)
      late = setTimeout(function () {
        socket.destroy(Object.assign(new Error('Connect timeout'), { code: 'UND_ERR_CONNECT_TIMEOUT' }))
      }, CONNECT_LIMIT)
      socket.once('error', over)
      socket.once(isSecure ? 'secureConnect' : 'connect', function () {
        socket.removeListener('error', over)
        over(null, socket)
      })
    }
    const proxy = isSecure ? proxyFor('https:', host, port) : undefined
    if (proxy === undefined) return begin()
    tunnel(proxy, host, port, function (error, socket) {
      if (error) over(error)
      else begin(socket)
    })
  }

  /** Puts a dispatcher in the place of the one that nobody has chosen. Node loads its `fetch` on first use, and so does this. */
  function useProxyInFetch() {
    void globalThis.Response
    const current = globalThis[DISPATCHER]
    if (!current || current.constructor.name !== 'Agent') return
    const own = new current.constructor({ connect: connector })
    const dispatch = own.dispatch
    own.dispatch = function (options, handler) {
      const origin = options.origin ? new URL(String(options.origin)) : undefined
      const isPlain = origin !== undefined && origin.protocol === 'http:'
      const proxy = isPlain ? proxyFor('http:', origin.hostname, Number(origin.port || 80)) : undefined
      if (proxy === undefined) return dispatch.call(own, options, handler)
      const through = { origin: 'http://' + authorityOf(proxy.host, proxy.port), path: origin.origin + options.path }
      return dispatch.call(own, Object.assign({}, options, through), handler)
    }
    globalThis[DISPATCHER] = own
  }

  function patchFetch() {
    const plain = globalThis.fetch
    if (typeof plain !== 'function') return
    let isReady = false
    function fetch(_input) {
      if (!isReady) {
        isReady = true
        try {
          useProxyInFetch()
        } catch {
          // as it was
        }
      }
      return plain.apply(this, arguments)
    }
    Object.defineProperty(
      globalThis,
      'fetch',
      Object.assign({}, Object.getOwnPropertyDescriptor(globalThis, 'fetch'), { value: fetch }),
    )
  }

  for (const patch of [patchHttps, patchHttp, patchFetch]) {
    try {
      patch()
    } catch {
      // as it was
    }
  }
})()

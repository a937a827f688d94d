import type { Rule } from '../rule.ts'

const VERBS = 'get post put patch delete head options request'
const of = (prefixes: string, methods = VERBS): string =>
  prefixes
    .split(' ')
    .flatMap((prefix) => methods.split(' ').map((method) => `${prefix}.${method}`))
    .join(' ')

/** The host of a request is chosen by somebody else and not checked. */
export const HOST: Rule = {
  id: 'code.outbound_network.host',
  severity: 'high',
  cwe: 918,
  title: 'The host of a request is not constant and not checked',
  fix: 'Keep the host constant, or compare `new URL(x).hostname` with a list of allowed hosts before the request and refuse redirects.',
  sinks: {
    javascript: [
      { call: '|host', take: 'url' },
      {
        call: `fetch window.fetch ${of('axios got ky superagent needle phin wretch bent unirest')} axios got request needle wretch bent axios.request axios.getUri got.stream got.paginate ky superagent needle needle.get bent wretch phin centra undici.request undici.stream undici.connect undici.fetch request request.get request.post request.put request.delete request.head request.patch request-promise request-promise.get http.get http.request https.get https.request http2.connect XMLHttpRequest.open WebSocket ws ws.WebSocket EventSource EventSource.EventSource navigator.sendBeacon jQuery.ajax jQuery.get jQuery.post $.ajax $.get $.post $.getJSON ofetch $fetch useFetch net.connect net.createConnection tls.connect socket.io-client.io io.connect Bun.fetch follow-redirects.http.get follow-redirects.https.get hyperquest download axios-retry.get importScripts urllib.request gaxios.request gaxios ofetch.ofetch ofetch.raw node-libcurl.curly.get node-libcurl.curly curly.get make-fetch-happen undici.Client undici.Pool undici.ProxyAgent dgram.send net.Socket().connect tls.TLSSocket().connect http2-wrapper.request http2-wrapper.auto axios.Axios axios.postForm axios.putForm isomorphic-ws websocket.client request-promise-native request-promise-native.get simple-get simple-get.concat tiny-json-http.get popsicle.fetch xior.get redaxios redaxios.get redaxios.post puppeteer.connect ssh2.connect XMLHttpRequest().open playwright.request.newContext feed.parseURL rss-parser().parseURL jsdom.JSDOM.fromURL link-preview-js.getLinkPreview open-graph-scraper metascraper`,
        take: 'url',
        args: [0, 'url', 'uri', 'host', 'hostname', 'baseURL', 'prefixUrl', 'baseUrl', 'origin'],
      },
      {
        call: `${of('axios.create() got.extend() ky.create() axios.default request.defaults()')} axios.create() axios.create got.extend ky.create ky.extend request.defaults ofetch.create $fetch.create wretch().url`,
        take: 'url',
        args: [0, 'url', 'baseURL', 'prefixUrl', 'baseUrl'],
      },
      { call: '*.open', take: 'url', args: [1], where: [{ on: /xhr|XMLHttpRequest/i }] },
      { call: '*.sendBeacon', take: 'url' },
      {
        call: `${of('*')} *.axiosRef *.fetch *.request`,
        take: 'url',
        args: [0, 'url', 'baseURL'],
        unless: [{ on: /^(?:msw|nock|fetch-mock|supertest|@angular\/common\/http\/testing)\b/ }],
        where: [
          {
            on: /(?:^|[._])_?(?:https?|httpService|httpClient|axios(?:Instance|Client|Ref)?|\$http|fetcher|undici|agent\(\)|superagent\.agent\(\)[\w.()]*|ky|got|HttpService\(\)|HttpClient\(\)|AxiosInstance\(\)|Axios\(\)|Got\(\)|KyInstance\(\))$/,
          },
        ],
      },
      { call: '*.parseURL *.fromURL', take: 'url' },
      { call: '*.web *.ws', take: 'url', args: ['target'], where: [{ on: /prox/i }] },
      {
        call: 'http-proxy.createProxyServer http-proxy.createProxy http-proxy http-proxy-middleware.createProxyMiddleware http-proxy-middleware express-http-proxy koa-proxies @fastify/reply-from',
        take: 'url',
        args: ['target', 'upstream', 0],
        unless: [{ arg: 0, is: 'yes' }],
      },
      { call: 'net.Socket().connect net.connect net.createConnection tls.connect', take: 'url', args: [1, 'host'] },
      { call: '*.goto *.navigate *.loadURL', take: 'url', where: [{ on: /page|browser|tab|window|win|frame/i }] },
    ],
    python: [
      {
        call: `${of('requests httpx requests.Session() requests.session() httpx.Client() httpx.AsyncClient() aiohttp.ClientSession() requests.sessions.Session() curl_cffi.requests urllib3.PoolManager() cloudscraper.create_scraper() requests_toolbelt.sessions.BaseUrlSession() httplib2.Http() requests_futures.FuturesSession()')} requests.request httpx.request httpx.stream httpx.Client().stream httpx.AsyncClient().stream httpx.Client httpx.AsyncClient aiohttp.ClientSession aiohttp.ClientSession().request aiohttp.ClientSession().ws_connect urllib3.connection_from_url urllib3.HTTPConnectionPool urllib3.HTTPSConnectionPool requests.Session().request httpx.Client().request httpx.AsyncClient().request niquests.get tls_client.Session().get urllib3.request urllib3.PoolManager().request urllib3.PoolManager().urlopen aiohttp.request`,
        take: 'url',
        args: [0, 'url', 'base_url'],
      },
      {
        call: 'requests.request httpx.request httpx.stream aiohttp.request urllib3.request urllib3.PoolManager().request urllib3.PoolManager().urlopen requests.Session().request httpx.Client().request httpx.AsyncClient().request httpx.Client().stream httpx.AsyncClient().stream aiohttp.ClientSession().request',
        take: 'url',
        args: [1],
      },
      {
        call: 'urllib.request.urlopen urllib.request.urlretrieve urllib.request.URLopener().open urllib.request.URLopener().retrieve urllib.request.FancyURLopener().open urllib.request.FancyURLopener().retrieve urllib.request.Request urllib.request.build_opener().open wget.download httplib2.Http().request http.client.HTTPConnection http.client.HTTPSConnection httplib.HTTPConnection httplib.HTTPSConnection socket.create_connection ftplib.FTP smtplib.SMTP smtplib.SMTP_SSL telnetlib.Telnet websocket.create_connection websockets.connect feedparser.parse xmlrpc.client.ServerProxy pycurl.Curl().setopt treq.get asks.get tornado.httpclient.AsyncHTTPClient().fetch tornado.httpclient.HTTPClient().fetch paramiko.Transport pandas.read_html torch.hub.load_state_dict_from_url torch.hub.download_url_to_file newspaper.Article trafilatura.fetch_url asyncio.open_connection grpc.insecure_channel grpc.secure_channel grpc.aio.insecure_channel grpc.aio.secure_channel imaplib.IMAP4 imaplib.IMAP4_SSL poplib.POP3 poplib.POP3_SSL nntplib.NNTP ftplib.FTP_TLS aiosmtplib.SMTP websocket.WebSocketApp websockets.sync.client.connect websockets.client.connect aiohttp.ClientSession().get ldap.initialize ldap3.Server socketio.Client().connect redis.from_url zeep.Client suds.client.Client asyncssh.connect mechanize.Browser().open mechanize.urlopen requests_html.HTMLSession().get urllib.request.OpenerDirector().open pyppeteer.connect h2.connect telnetlib3.open_connection',
        take: 'url',
        args: [0, 'url', 'host', 'uri', 'server', 'wsdl'],
      },
      {
        call: 'urllib.request.urlopen urllib.request.urlretrieve urllib.request.URLopener().open urllib.request.FancyURLopener().open',
        where: [{ arg: 0, like: /^file:/ }],
      },
      {
        call: '*.connect',
        take: 'url',
        args: [0],
        where: [{ on: /^(?:\w*sock(?:et)?|s|conn|websocket\.WebSocket\(\)|socket\.socket\(\))$/ }],
        unless: [{ arg: 0, is: 'constant' }],
      },
      { call: '*.goto', take: 'url', where: [{ on: /page|browser|tab/i }] },
      { call: '*.get', take: 'url', where: [{ on: /^_?(?:driver|browser)$|webdriver\.\w+\(\)$/ }] },
      { call: '*.setopt', take: 'url', args: [1], where: [{ arg: 0, like: /URL$/ }] },
      {
        call: of('*', 'get delete head options'),
        take: 'url',
        args: [0, 'url'],
        where: [
          {
            on: /(?:^|[._])_?(?:session|sess|https?|http_client|httpx_client|async_client|requests_session|http_session|aiohttp_session|httpx|requests)$/i,
          },
        ],
        // `session.get(Model, id)` reads from a database
        unless: [{ arg: 1, is: 'given' }],
      },
      {
        call: of('*', 'post put patch request'),
        take: 'url',
        args: [0, 'url'],
        where: [
          {
            on: /(?:^|[._])_?(?:session|sess|https?|http_client|httpx_client|async_client|requests_session|http_session|aiohttp_session|httpx|requests)$/i,
          },
        ],
      },
    ],
    go: [
      { call: '|host', take: 'url' },
      {
        call: `net/http.Get net/http.Post net/http.Head net/http.PostForm net.Dial net.DialTimeout net.DialTCP net/rpc.Dial net/rpc.DialHTTP net/smtp.Dial net/smtp.SendMail crypto/tls.Dial github.com/gorilla/websocket.DefaultDialer.Dial grpc.Dial grpc.NewClient google.golang.org/grpc.Dial google.golang.org/grpc.NewClient ${of('github.com/go-resty/resty.New().R() resty.New().R()', 'Get Post Put Patch Delete Head')} github.com/parnurzeal/gorequest.New().Get gocolly.Visit fasthttp.Get github.com/valyala/fasthttp.Get github.com/valyala/fasthttp.Post github.com/valyala/fasthttp.GetTimeout net.ResolveTCPAddr net.DialUDP net.DialUnix net/http/httputil.NewSingleHostReverseProxy crypto/tls.DialWithDialer net/rpc/jsonrpc.Dial crypto/ssh.Dial golang.org/x/net/websocket.Dial golang.org/x/net/websocket.NewConfig github.com/coder/websocket.Dial nhooyr.io/websocket.Dial google.golang.org/grpc.DialContext grpc.DialContext github.com/jlaffaye/ftp.Dial github.com/emersion/go-imap/client.DialTLS github.com/go-redis/redis.ParseURL github.com/imroc/req.Get github.com/levigross/grequests.Get github.com/levigross/grequests.Post github.com/hashicorp/go-retryablehttp.Get github.com/hashicorp/go-retryablehttp.Post github.com/hashicorp/go-retryablehttp.NewRequest github.com/hashicorp/go-getter.Get github.com/hashicorp/go-getter.GetFile github.com/go-git/go-git.PlainClone`,
        take: 'url',
        args: [0],
      },
      { call: 'net/http.NewRequest', take: 'url', args: [1] },
      { call: 'net/http.NewRequestWithContext', take: 'url', args: [2] },
      { call: 'net.Dial net.DialTimeout crypto/tls.Dial net/rpc.Dial', take: 'url', args: [1] },
      {
        call: '*.Get *.Post *.Head *.PostForm *.Put *.Patch *.Delete *.Options *.NewRequest',
        take: 'url',
        where: [
          {
            on: /net\/http\.(?:Client\(\)|DefaultClient)$|(?:^|\.)(?:http|hc|httpc|cli)$|(?:http)?[cC]lient(?:\(\))?$|resty|\.R\(\)$|Set\w+\(\)$/,
          },
        ],
      },
      {
        call: '*.Dial *.DialContext *.DialTLS *.DialTimeout',
        take: 'url',
        args: [0, 1, 2],
        where: [{ on: /[dD]ialer|^d$|proxy\.SOCKS5/ }],
      },
      { call: '*.SetRequestURI *.SetHost *.SetBaseURL', take: 'url' },
      { call: 'net/http.NewRequestWithContext', take: 'url', args: [2] },
      { call: '*.Visit *.SetURL', take: 'url' },
      { call: '*.URL', take: 'url' },
    ],
    ruby: [
      {
        call: `Net.HTTP.get Net.HTTP.get_response Net.HTTP.post Net.HTTP.post_form Net.HTTP.start Net.HTTP.new Net.HTTP.Get.new Net.HTTP.Post.new Net.HTTP.get_print URI.open OpenURI.open_uri open-uri.open HTTPClient.get_content HTTPClient.new().get_content RestClient.Resource.new Net.HTTP.Put.new Net.HTTP.Delete.new Net.HTTP.Patch.new Net.HTTP.Head.new Net.HTTP.Proxy Net.IMAP.new Net.POP3.new Net.LDAP.new Net.SFTP.start Net.SCP.start UDPSocket.new OpenSSL.SSL.SSLSocket.open WebSocket.Client.Simple.connect Faye.WebSocket.Client.new Savon.client Feedjira.fetch RSS.Parser.parse Mechanize.new().get Curl.get Curl.post Curl.http Typhoeus.Request.new Async.HTTP.Internet.new().get Ferrum.Browser.new().go_to Watir.Browser.new().goto HTTP.Client.new().get RestClient.Request.execute Faraday.new Faraday.new().get Faraday.new().post TCPSocket.new TCPSocket.open Socket.tcp Net.FTP.open Net.FTP.new Net.SSH.start HTTPClient.new().get HTTPClient.new().post Excon.new Curl.Easy.perform Curl.Easy.new Typhoeus.Request.new Down.download Down.open URI.parse().open URI().open URI().read Net.SMTP.start`,
        take: 'url',
        args: [0, 'url', 'host', 'base_uri', 'wsdl'],
      },
      {
        call: of(
          'HTTParty Faraday RestClient Typhoeus HTTP Excon Curb HTTPClient Curl Mechanize.new() HTTPX Unirest Patron RestClient.Resource.new() HTTPX.plugin() Faraday.new Faraday.new() HTTP.headers() HTTP.timeout() HTTP.auth() Net.HTTP.new()',
        ),
        take: 'url',
      },
      { call: 'URI.parse.open URI().open URI.parse().open', take: 'url', args: ['receiver'] },
      {
        call: '*.open *.read',
        take: 'url',
        args: ['receiver'],
        where: [{ on: /^URI(?:\.parse|\.join|\.HTTPS?\.build)?(?:\(\))?$|Addressable|(?:^|[@.])ur[il]$/ }],
      },
      {
        call: of('*'),
        take: 'url',
        where: [{ on: /(?:^|[@._])(?:conn|connection|http|http_client|faraday|client)$|Faraday\.new\(\)$/ }],
        unless: [{ arg: 0, is: 'constant' }],
      },
      { call: 'open Kernel.open', take: 'url', where: [{ arg: 0, like: /^(?:https?|ftp):/ }] },
    ],
    java: [
      {
        call: 'URL().openConnection URL().openStream URL().getContent URI().toURL().openStream URI().toURL().openConnection URI.create().toURL().openStream',
        take: 'url',
        args: ['receiver'],
      },
      { call: '*.openConnection *.openStream *.getContent', take: 'url', args: ['receiver'] },
      {
        call: 'Jsoup.connect HttpGet HttpPost HttpPut HttpDelete HttpPatch HttpHead HttpRequest.newBuilder HttpRequest.get HttpRequest.post Request.Get Request.Post Request.get Request.post Unirest.get Unirest.post Unirest.put Unirest.delete Socket SSLSocketFactory.getDefault().createSocket ImageIO.read IOUtils.toString Resources.toString RestAssured.get WebClient.create WebTarget InetSocketAddress Fuel.get HttpOptions HttpTrace Request.Put Request.Delete Request.put Request.delete Unirest.delete Unirest.patch Unirest.head RestAssured.post Connector.open ClientBuilder.newClient().target SSLSocketFactory.createSocket FTPClient().connect SMTPClient().connect TelnetClient().connect FTPSClient().connect WebSocketClient FileUtils.copyURLToFile IOUtils.toByteArray AsyncHttpClient().prepareGet Resources.asByteSource Feign.builder().target RestClient.create ManagedChannelBuilder.forTarget ManagedChannelBuilder.forAddress SimpleClientHttpRequestFactory().createRequest UrlResource Retrofit.Builder().baseUrl Http.get HttpUtil.get HttpUtil.post HttpUtil.createGet HttpUtil.createPost',
        take: 'url',
      },
      { call: 'HttpRequest.newBuilder().uri *.uri', take: 'url', args: [0] },
      {
        call: '*.getForObject *.getForEntity *.postForObject *.postForEntity *.exchange *.headForHeaders *.postForLocation *.patchForObject *.optionsForAllow *.prepareGet *.preparePost *.getAbs *.postAbs *.requestAbs',
        take: 'url',
      },
      {
        call: '*.url *.target *.baseUrl *.baseURL *.rootUri *.setHost *.setUri *.setURI',
        take: 'url',
        where: [{ on: /Builder\(\)|[cC]lient|[bB]uilder|[rR]equest/ }],
      },
      { call: '*.connect', take: 'url', where: [{ on: /[sS]ock|ftp|smtp|Client/i }] },
      { call: '*.createSocket', take: 'url' },
    ],
    bash: [
      { call: 'curl wget http https httpie xh aria2c fetch lynx w3m', take: 'url', args: ['url'] },
      { call: 'nc ncat netcat telnet socat', take: 'url', args: ['url'] },
      { call: '/dev/tcp', take: 'url' },
    ],
  },
  examples: {
    javascript: {
      bad: [
        'app.get("/p", async (req, res) => res.send(await fetch(req.query.u)))',
        'import axios from "axios"\nexport const send = (u, d) => axios({ method: "post", url: u, data: d })',
        'import https from "https"\nconst go = (host) => https.get(`https://${host}/x`)',
        'const ask = (o) => new WebSocket(o.endpoint)',
      ],
      good: [
        'fetch(`https://api.example.com/u/${id}`)',
        'fetch("/api/" + id)',
        'const OK = ["a.example"]\nexport async function f(u) {\n  if (!OK.includes(new URL(u).hostname)) throw new Error("no")\n  return fetch(u)\n}',
        'caches.fetch(key)',
      ],
    },
    python: {
      bad: [
        'import requests as r\ndef f(u):\n    return r.get(u)',
        'import httpx\nasync def f(u):\n    async with httpx.AsyncClient() as c:\n        return await c.get(u)',
        'from urllib.request import urlopen\nurlopen("http://" + host + "/x")',
      ],
      good: [
        'import requests\ndef f(i):\n    return requests.get(f"https://api.example.com/u/{i}")',
        'client.get("/api/items")',
        'from urllib.parse import urlparse\nimport requests\nOK = {"a.example"}\ndef f(u):\n    if urlparse(u).hostname not in OK:\n        raise ValueError(u)\n    return requests.get(u)',
      ],
    },
    go: {
      bad: [
        'package p\nimport "net/http"\nfunc f(u string) { http.Get(u) }',
        'package p\nimport "net/http"\nfunc f(u string) { c := &http.Client{}; c.Get(u) }',
      ],
      good: [
        'package p\nimport "net/http"\nfunc f() { http.Get("https://a.example/x") }',
        'package p\nimport ("net/http"; "net/url")\nvar ok = map[string]bool{"a.example": true}\nfunc f(s string) error {\n u, err := url.Parse(s)\n if err != nil || !ok[u.Hostname()] { return err }\n _, err = http.Get(u.String())\n return err\n}',
      ],
    },
    ruby: {
      bad: ['Net::HTTP.get(URI(params[:u]))', 'require "open-uri"\nURI.parse(url).open.read', 'HTTParty.get(url)'],
      good: ['Net::HTTP.get(URI("https://a.example/x"))'],
    },
    java: {
      bad: [
        'class A { void f(String u) throws Exception { new URL(u).openStream(); } }',
        'class A { void f(String u) { restTemplate.getForObject(u, String.class); } }',
      ],
      good: ['class A { void f() throws Exception { new URL("https://a.example/x").openStream(); } }'],
    },
    bash: {
      bad: ['curl -s "$1"', 'wget "https://$host/x"'],
      good: ['curl https://a.example/x', 'curl -d "$data" https://a.example/x'],
    },
  },
}

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
      {
        call: `fetch window.fetch ${of('axios got ky superagent needle phin wretch bent unirest')} axios got request needle wretch bent axios.request axios.getUri got.stream got.paginate ky superagent needle needle.get bent wretch phin centra undici.request undici.stream undici.connect undici.fetch request request.get request.post request.put request.delete request.head request.patch request-promise request-promise.get http.get http.request https.get https.request http2.connect XMLHttpRequest.open WebSocket ws ws.WebSocket EventSource EventSource.EventSource navigator.sendBeacon jQuery.ajax jQuery.get jQuery.post $.ajax $.get $.post $.getJSON ofetch $fetch useFetch net.connect net.createConnection tls.connect socket.io-client.io io.connect Bun.fetch follow-redirects.http.get follow-redirects.https.get hyperquest download axios-retry.get importScripts urllib.request gaxios.request  ofetch.ofetch`,
        take: 'url',
        args: [0, 'url', 'uri', 'host', 'hostname', 'baseURL', 'hostname'],
      },
      {
        call: `${of('axios.create() got.extend() ky.create() axios.default request.defaults()')} axios.create()`,
        take: 'url',
        args: [0, 'url', 'baseURL'],
      },
      { call: '*.open', take: 'url', args: [1], where: [{ on: /xhr|XMLHttpRequest/i }] },
      { call: '*.sendBeacon', take: 'url' },
      { call: '*.goto *.navigate *.loadURL', take: 'url', where: [{ on: /page|browser|tab|window|win|frame/i }] },
    ],
    python: [
      {
        call: `${of('requests httpx requests.Session() requests.session() httpx.Client() httpx.AsyncClient() aiohttp.ClientSession() requests.sessions.Session() curl_cffi.requests urllib3.PoolManager() cloudscraper.create_scraper() requests_toolbelt.sessions.BaseUrlSession() httplib2.Http() requests_futures.FuturesSession()')} requests.request httpx.request httpx.stream httpx.Client().stream httpx.AsyncClient().stream urllib3.request urllib3.PoolManager().request urllib3.PoolManager().urlopen aiohttp.request`,
        take: 'url',
        args: [0, 1, 'url'],
      },
      {
        call: 'urllib.request.urlopen urllib.request.urlretrieve urllib.request.URLopener().open urllib.request.URLopener().retrieve urllib.request.FancyURLopener().open urllib.request.FancyURLopener().retrieve urllib.request.Request urllib.request.build_opener().open wget.download httplib2.Http().request http.client.HTTPConnection http.client.HTTPSConnection httplib.HTTPConnection httplib.HTTPSConnection socket.create_connection ftplib.FTP smtplib.SMTP smtplib.SMTP_SSL telnetlib.Telnet websocket.create_connection websockets.connect feedparser.parse xmlrpc.client.ServerProxy pycurl.Curl().setopt treq.get asks.get tornado.httpclient.AsyncHTTPClient().fetch tornado.httpclient.HTTPClient().fetch paramiko.Transport pandas.read_html torch.hub.load_state_dict_from_url torch.hub.download_url_to_file newspaper.Article trafilatura.fetch_url asyncio.open_connection grpc.insecure_channel',
        take: 'url',
        args: [0, 'url', 'host'],
      },
      {
        call: 'urllib.request.urlopen urllib.request.urlretrieve urllib.request.URLopener().open urllib.request.FancyURLopener().open',
        where: [{ arg: 0, like: /^file:/ }],
      },
      {
        call: '*.connect',
        take: 'url',
        args: [0],
        where: [{ on: /^(?:sock|socket|s|websocket\.WebSocket\(\)|socket\.socket\(\))$/ }],
        unless: [{ arg: 0, is: 'constant' }],
      },
      { call: '*.goto', take: 'url', where: [{ on: /page|browser|tab/i }] },
      { call: '*.get', take: 'url', where: [{ on: /^(?:driver|browser|webdriver\..*)$/ }] },
      { call: '*.setopt', take: 'url', args: [1], where: [{ arg: 0, like: /URL$/ }] },
      {
        call: of('*'),
        take: 'url',
        args: [0, 'url'],
        where: [{ on: /(?:^|[._])(?:session|http|http_client|httpx_client|async_client|requests_session)$/i }],
      },
    ],
    go: [
      {
        call: `net/http.Get net/http.Post net/http.Head net/http.PostForm net.Dial net.DialTimeout net.DialTCP net/rpc.Dial net/rpc.DialHTTP net/smtp.Dial net/smtp.SendMail crypto/tls.Dial github.com/gorilla/websocket.DefaultDialer.Dial grpc.Dial grpc.NewClient google.golang.org/grpc.Dial google.golang.org/grpc.NewClient ${of('github.com/go-resty/resty.New().R() resty.New().R()', 'Get Post Put Patch Delete Head')} github.com/parnurzeal/gorequest.New().Get gocolly.Visit fasthttp.Get github.com/valyala/fasthttp.Get github.com/valyala/fasthttp.Post`,
        take: 'url',
        args: [0, 1],
      },
      { call: 'net/http.NewRequest', take: 'url', args: [1] },
      { call: 'net/http.NewRequestWithContext', take: 'url', args: [2] },
      { call: 'net.Dial net.DialTimeout crypto/tls.Dial net/rpc.Dial', take: 'url', args: [1] },
      {
        call: '*.Get *.Post *.Head *.PostForm',
        take: 'url',
        where: [{ on: /net\/http\.(?:Client\(\)|DefaultClient)$|(?:http)?[cC]lient$|resty|\.R\(\)$/ }],
      },
      { call: '*.Dial *.DialContext *.DialTLS', take: 'url', args: [0, 1, 2], where: [{ on: /[dD]ialer/ }] },
      { call: '*.Visit *.SetURL', take: 'url' },
      { call: '*.URL', take: 'url' },
    ],
    ruby: [
      {
        call: `Net.HTTP.get Net.HTTP.get_response Net.HTTP.post Net.HTTP.post_form Net.HTTP.start Net.HTTP.new Net.HTTP.Get.new Net.HTTP.Post.new Net.HTTP.get_print URI.open OpenURI.open_uri open-uri.open ${of('HTTParty Faraday RestClient Typhoeus HTTP Excon Curb HTTPClient Curl Mechanize.new() HTTPX Unirest Patron')} RestClient.Request.execute Faraday.new Faraday.new().get Faraday.new().post TCPSocket.new TCPSocket.open Socket.tcp Net.FTP.open Net.FTP.new Net.SSH.start HTTPClient.new().get HTTPClient.new().post Excon.new Curl.Easy.perform Curl.Easy.new Typhoeus.Request.new Down.download Down.open URI.parse().open URI().open URI().read Net.SMTP.start`,
        take: 'url',
        args: [0, 'url'],
      },
      { call: 'URI.parse.open URI().open URI.parse().open', take: 'url', args: ['receiver'] },
      { call: '*.open *.read', take: 'url', args: ['receiver'], where: [{ on: /^URI(?:\.parse|\.join)?(?:\(\))?$/ }] },
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
        call: 'Jsoup.connect HttpGet HttpPost HttpPut HttpDelete HttpPatch HttpHead HttpRequest.newBuilder HttpRequest.get HttpRequest.post Request.Get Request.Post Request.get Request.post Unirest.get Unirest.post Unirest.put Unirest.delete Socket SSLSocketFactory.getDefault().createSocket ImageIO.read IOUtils.toString Resources.toString RestAssured.get WebClient.create WebTarget InetSocketAddress Fuel.get',
        take: 'url',
      },
      { call: 'HttpRequest.newBuilder().uri *.uri', take: 'url', args: [0] },
      {
        call: '*.getForObject *.getForEntity *.postForObject *.postForEntity *.exchange *.headForHeaders *.postForLocation *.patchForObject',
        take: 'url',
      },
      { call: '*.url *.target *.baseUrl', take: 'url', where: [{ on: /Builder\(\)|[cC]lient|Builder$/ }] },
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
